/**
 * `bun test ./tests/soak/partition.ts`: three nodes, each in a network namespace of its own, on a
 * bridge; one of them loses its cable for twelve seconds. Needs the right to make namespaces, and
 * makes them inside one of its own, so that nothing of the machine's network is touched. A minute.
 */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { openDatabase } from "../../lib/store/open.ts";
import { Sessions } from "../../lib/web/identity/session.ts";
import { ROOT, Server } from "../support/servers/server.ts";
import { ownPostgres } from "../support/servers/servers.ts";
import { agree } from "../support/people/storm.ts";
import { Talker } from "../support/people/talker.ts";

const HUB = "10.77.0.1";
const RANGE = "10.77.0.0/24";
const CUT_MS = 12_000;

function run(...command: string[]): void {
  const { success, stderr } = Bun.spawnSync(command);
  if (!success) throw new Error(`${command.join(" ")}: ${stderr.toString().trim()}`);
}

/** A machine on the bridge: a namespace that lives as long as the process in it. */
function machine(index: number) {
  const address = `10.77.0.${10 + index}`;
  const holder = Bun.spawn(["unshare", "-n", "sleep", "300"]);
  const inside = ["nsenter", "-t", `${holder.pid}`, "-n"];
  Bun.sleepSync(200);
  run(
    "ip",
    "link",
    "add",
    `cable${index}`,
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "netns",
    `${holder.pid}`,
  );
  run("ip", "link", "set", `cable${index}`, "master", "bridge0", "up");
  run(...inside, "ip", "link", "set", "lo", "up");
  run(...inside, "ip", "addr", "add", `${address}/24`, "dev", "eth0");
  run(...inside, "ip", "link", "set", "eth0", "up");
  return {
    address,
    inside,
    plug: (how: "up" | "down") => run("ip", "link", "set", `cable${index}`, how),
    [Symbol.dispose]: () => holder.kill(),
  };
}

if (process.env["CHATROOM_INSIDE"] !== "1") {
  test("in a network of its own", async () => {
    const again = [process.execPath, "test", import.meta.path];
    const child = Bun.spawn(["unshare", "-n", ...again], {
      env: { ...process.env, CHATROOM_INSIDE: "1" },
      stdout: "inherit",
      stderr: "inherit",
    });
    expect(await child.exited).toBe(0);
  }, 180_000);
} else {
  test("a node without its cable holds nobody up, and has lost nothing when it is back", async () => {
    run("ip", "link", "set", "lo", "up");
    run("ip", "link", "add", "bridge0", "type", "bridge");
    run("ip", "addr", "add", `${HUB}/24`, "dev", "bridge0");
    run("ip", "link", "set", "bridge0", "up");
    await using postgres = await ownPostgres(HUB, RANGE);
    const machines = [0, 1, 2].map(machine);
    const nodes: Server[] = [];
    try {
      for (const { address, inside } of machines) {
        const command = [...inside, process.execPath, join(ROOT, "index.ts")];
        const args = ["--database", postgres.url, "--limits", "off"];
        nodes.push(await Server.start({ command, args, host: address }));
      }
      const store = await openDatabase(postgres.url, "");
      const sessions = new Sessions(store.secret, false);
      await store.close();
      const cookie = () => sessions.issue(sessions.newGuest()).split(";")[0] ?? "";
      const talkers = Array.from(
        { length: 30 },
        (_, at) => new Talker(() => nodes[at % 3]?.url ?? "", `room${at % 2}`, cookie(), `t${at}`),
      );
      await Promise.all(talkers.map(({ ready }) => ready));
      let sent = 0;
      const talk = setInterval(() => {
        talkers[(sent * 7) % 30]?.say(`message ${sent}`);
        sent += 1;
      }, 10);
      await Bun.sleep(2_000);
      machines[0]?.plug("down");
      await Bun.sleep(CUT_MS);
      machines[0]?.plug("up");
      await Bun.sleep(3_000);
      clearInterval(talk);
      await agree(postgres.url, talkers, sent);
      const worst = (isCut: boolean) =>
        Math.max(
          ...talkers.flatMap(({ latencies }, at) => ((at % 3 === 0) === isCut ? latencies : [])),
        );
      const [cut, others] = [worst(true), worst(false)];
      const said = `${sent} messages; at most ${cut.toFixed(0)} ms at the cut node, ${others.toFixed(0)} ms elsewhere`;
      process.stdout.write(`${said}\n`);
      expect(cut).toBeGreaterThan(CUT_MS - 1_000);
      // A transaction of the node that is gone may hold a room's lock for five seconds.
      expect(others).toBeLessThan(8_000);
      for (const talker of talkers) talker.stop();
    } finally {
      for (const node of nodes) await node[Symbol.asyncDispose]();
      for (const each of machines) each[Symbol.dispose]();
    }
  }, 150_000);
}
