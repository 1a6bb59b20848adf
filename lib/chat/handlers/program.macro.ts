import { join } from "node:path";

/**
 * The program of the handlers' thread as one script. Runs while the program is loaded or compiled,
 * never in the executable: `bun build --compile` does not bundle files that only a `Worker` names.
 */
export function threadProgram(): string {
  // Uses the command line, because `Bun.build` in a macro would wait for the macro's own thread.
  const entry = join(import.meta.dir, "program/main.ts");
  const result = Bun.spawnSync([process.execPath, "build", entry, "--target=bun"]);
  if (!result.success) throw new Error(`${entry}: ${result.stderr.toString()}`);
  return result.stdout.toString();
}
