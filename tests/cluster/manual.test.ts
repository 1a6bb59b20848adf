import { expect, test } from "bun:test";
import { join as joinPath } from "node:path";
import { join } from "../support/people/client.ts";
import { ROOT, Server } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";

/** The commands of the first example, without what is after `chatroom`'s arguments. */
async function commands(): Promise<string[][]> {
  const manual = await Bun.file(joinPath(ROOT, "docs/cluster.md")).text();
  const [, example = ""] = /```sh\n([\s\S]*?)```/.exec(manual) ?? [];
  const lines = example.trim().split("\n");
  return lines.map((line) => line.replace(/\s+#.*$/, "").split(" "));
}

if (await hasPostgres()) {
  test("the manual's two terminals are one chat", async () => {
    await using database = await emptyDatabase();
    const terminals = await commands();
    expect(terminals.map(([program]) => program)).toEqual(["chatroom", "chatroom"]);
    const [one, two] = await Promise.all(
      terminals.map(([, ...args]) => {
        // Any free port, and a database of the test's own; all else as it is written.
        const rest = args.filter((arg, at) => arg !== "--port" && args[at - 1] !== "--port");
        expect(args.length - rest.length).toBe(2);
        return Server.start({
          args: rest.map((arg) => (arg.startsWith("postgres://") ? database.url : arg)),
        });
      }),
    );
    if (!one || !two) throw new Error("there are not two of them");
    const [ada, bob] = [await join(one, "hall"), await join(two, "hall")];
    await ada.post("hello");
    expect((await bob.next("message")).text).toBe("hello");
    for (const node of [one, two]) await node[Symbol.asyncDispose]();
  }, 20_000);
}
