import { parseArgs } from "node:util";
import { ConfigError } from "../model/config.ts";
import { openMove } from "../store/open.ts";
import type { Progress } from "../store/move/move.ts";

const BAR = 30;
const REPORT_MS = 100;

/**
 * `chatroom migrate --from sqlite:PATH --to postgres://…`. Rejects with a message for the operator.
 */
export async function runMigrate(args: readonly string[]): Promise<void> {
  const { from, to } = readMove(args);
  let reported = 0;
  const report = ({ table, done, total }: Progress) => {
    const now = performance.now();
    if (done < total && now - reported < REPORT_MS) return;
    reported = now;
    const share = total === 0 ? 1 : Math.min(done / total, 1);
    const bar = "█".repeat(Math.round(share * BAR)).padEnd(BAR, "░");
    const line = `${bar} ${table} ${done} of ${total}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
    else if (done >= total) process.stderr.write(`${line}\n`);
  };
  const moved = await openMove(from, to, report).catch((fault: unknown) => {
    // Here the database is given by other flags.
    if (!(fault instanceof ConfigError)) throw fault;
    throw new ConfigError(fault.message.replace(/^--database:/, "--to:"));
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const rows = [...moved.values()].reduce((sum, count) => sum + count, 0);
  process.stderr.write(
    `chatroom: moved ${rows} rows in ${moved.size} tables; counts and checksums are the same on both sides\n`,
  );
}

function readMove(args: readonly string[]): { from: string; to: string } {
  try {
    const options = { from: { type: "string" }, to: { type: "string" } } as const;
    const { from, to } = parseArgs({ args: [...args], options }).values;
    if (from?.startsWith("sqlite:") && /^postgres(ql)?:\/\//.test(to ?? "") && to !== undefined) {
      return { from, to };
    }
  } catch {
    // Reported below.
  }
  throw new ConfigError("migrate needs --from sqlite:PATH --to postgres://…");
}
