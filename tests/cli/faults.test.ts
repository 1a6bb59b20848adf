import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join as path } from "node:path";
import { join } from "../support/people/client.ts";
import { ROOT, Server } from "../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

/** The program under a shell's limit of 600 blocks a file: a disk that is soon full. */
const SMALL_DISK = ["bash", "-c", `ulimit -f 600; trap '' XFSZ; exec "$@"`, "small"];

describe("a disk that is full", () => {
  test("costs the message that did not fit, says so, and nothing that was shown", async () => {
    const command = [...SMALL_DISK, process.execPath, path(ROOT, "index.ts")];
    await using full = await Server.start({ command, args: ["--limits", "off"] });
    const ada = await join(full, "room");
    const bob = await join(full, "room");
    const failed = ada.next("error");
    let error: Awaited<typeof failed> | undefined;
    void failed.then((frame) => (error = frame));
    let sent = 0;
    for (; sent < 500 && !error; sent += 1) {
      ada.say("x".repeat(7_000), { id: `m${sent}` });
      await ada.fence();
      await Bun.sleep(2);
    }
    expect(await failed).toMatchObject({ code: "internal" });
    const lost = error?.id ?? "";
    expect(ada.events.some((event) => event.type === "message" && event.id === lost)).toBe(false);
    expect(error?.message).not.toMatch(/sqlite|disk|I\/O/i);
    const [, reported = ""] = /\(([\w-]{36})\)/.exec(error?.message ?? "") ?? [];
    await full.logged("commit failed", ({ id }) => id === reported);
    // Those who are there can still read, and newcomers come in.
    bob.send({ type: "history", before: 10_000, limit: 1 });
    expect((await bob.next("history")).messages).toHaveLength(1);
    const late = await join(full, "room");
    const shown = Math.max(ada.events.length, bob.events.length);
    expect(late.welcome.seq).toBeGreaterThanOrEqual(shown);
    await full.kill();

    // There is room again.
    await using enough = await Server.start({ data: full.data, args: ["--limits", "off"] });
    const back = await join(enough, "room", { epoch: ada.welcome.epoch, after: 0 });
    expect(back.welcome.recovered).toBe(true);
    // A resume comes in pieces: what does not fit into the welcome follows it.
    const last = ada.events.at(-1)?.seq ?? 0;
    if (back.welcome.seq < last) await back.next("message", ({ seq }) => seq === last);
    expect(back.events.slice(0, shown)).toEqual(ada.events.slice(0, shown));
    expect((await back.post("goes on")).seq).toBe((back.events.at(-2)?.seq ?? 0) + 1);
    await back.close();
  });
});

describe("a data folder", () => {
  test("is one server's alone; when that is killed, the next takes it over", async () => {
    await using one = await Server.start();
    await expect(Server.start({ data: one.data })).rejects.toThrow(one.data);
    await one.kill();
    await using two = await one.again();
    const ada = await join(two, "room");
    expect((await ada.post("hello")).seq).toBe(1);
    await ada.close();
  });
});
