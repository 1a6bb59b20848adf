import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { DEFAULT_FLOODS, floodSettings, nextMute } from "../../../lib/model/rooms/floods.ts";
import { join, joinPlain } from "../../support/people/client.ts";
import { administrator, Visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

let server: Server;
let boss: Visitor;
beforeAll(async () => {
  server = await Server.start({ args: ["--trust-proxy", "127.0.0.0/8"] });
  boss = await administrator(server);
});
afterAll(() => server[Symbol.asyncDispose]());

async function settings(change: Readonly<Record<string, string>>): Promise<void> {
  const { person, network, invalidCost, strikes, muteSeconds, longestSeconds } = DEFAULT_FLOODS;
  const fields = {
    verb: "floods",
    "person.burst": `${person.burst}`,
    "person.perSecond": `${person.perSecond}`,
    "network.burst": `${network.burst}`,
    "network.perSecond": `${network.perSecond}`,
    invalidCost: `${invalidCost}`,
    strikes: `${strikes}`,
    muteSeconds: `${muteSeconds}`,
    longestSeconds: `${longestSeconds}`,
    ...change,
  };
  const { status } = await boss.submit("admin/settings", "admin/settings", fields);
  expect(status).toBe(303);
}

describe("who floods", () => {
  test("is muted by the chat itself, longer each time, and the log says so", async () => {
    await settings({ strikes: "10", muteSeconds: "1" });
    const flooder = await join(server, "flood", { name: "Flooder", forwarded: "203.0.113.1" });
    const lengths: number[] = [];
    for (const round of [1, 2]) {
      for (let sent = 0; sent < 40; sent += 1) flooder.say(`${round}.${sent}`);
      for (;;) {
        await Bun.sleep(20);
        const id = flooder.say("still there?");
        const { code, retryAfterMs = 0 } = await flooder.next("error", (e) => e.id === id);
        if (code !== "muted") continue;
        lengths.push(retryAfterMs);
        await Bun.sleep(retryAfterMs + 50);
        break;
      }
    }
    expect(lengths[0]).toBeWithin(1, 1_001);
    expect(lengths[1]).toBeWithin(1_001, 2_001);
    const { text } = await boss.get("admin/audit?q=flood.mute");
    expect(text.match(/data-action="flood.mute"/g)).toHaveLength(2);
    expect(text).toContain("Flooder");
    await flooder.close();
  });

  test("cannot start afresh by a new cookie behind one address, whatever it forges", async () => {
    await settings({ strikes: "0", "network.burst": "30", "network.perSecond": "0.01" });
    let refused = 0;
    for (let cookie = 0; cookie < 4; cookie += 1) {
      // The proxy appends who it speaks for; what is left of that is forged.
      const forwarded = `192.0.2.${cookie}, 203.0.113.2`;
      const guest = await join(server, "flood2", { forwarded });
      for (let sent = 0; sent < 15; sent += 1) guest.say(`${cookie}.${sent}`);
      await guest.fence();
      refused += guest.frames.filter(({ type }) => type === "error").length;
      await guest.close();
    }
    expect(refused).toBe(30);
    const other = await join(server, "flood2", { forwarded: "203.0.113.3" });
    await other.post("not me");
    await other.close();
  });

  test("by frames that make no sense pays more than by messages", async () => {
    await settings({ "person.burst": "20", "person.perSecond": "0.01", invalidCost: "4" });
    const rude = await join(server, "flood3", { forwarded: "203.0.113.4" });
    for (let sent = 0; sent < 4; sent += 1) rude.raw("nonsense");
    await rude.fence();
    for (let sent = 0; sent < 6; sent += 1) rude.say("text");
    await rude.fence();
    await rude.next("message", () => true);
    const codes = rude.frames.flatMap((frame) => (frame.type === "error" ? [frame.code] : []));
    expect(codes).toEqual(["invalid", "invalid", "invalid", "invalid", "too_fast", "too_fast"]);
    await rude.close();
  });

  test("by commands pays for them as for messages", async () => {
    await settings({ "person.burst": "3", "person.perSecond": "0.01" });
    const guest = await joinPlain(server, "flood4", { forwarded: "203.0.113.5" });
    for (let sent = 0; sent < 4; sent += 1) guest.raw("/who");
    await guest.next((line) => line.startsWith("! too_fast: "));
    await guest.close();
  });
});

describe("settings", () => {
  test("that make no sense are as by default", () => {
    expect(floodSettings(null)).toEqual(DEFAULT_FLOODS);
    const odd = { person: { burst: -1, perSecond: "x" }, strikes: Number.NaN, muteSeconds: 0 };
    expect(floodSettings(odd)).toEqual(DEFAULT_FLOODS);
    expect(floodSettings({ strikes: 0 }).strikes).toBe(0);
  });

  test("outlive a restart", async () => {
    await using first = await Server.start();
    const admin = await administrator(first);
    const page = await admin.get("admin/settings");
    expect(page.text).toContain(`name="strikes"`);
    await admin.submit("admin/settings", "admin/settings", { verb: "floods", strikes: "77" });
    await first.stop();
    await using second = await first.again();
    const { text } = await new Visitor(second)
      .keep(admin.cookie.split("; ").find((pair) => pair.startsWith("chatroom-session=")) ?? "")
      .get("admin/settings");
    expect(text).toMatch(/name="strikes"\s+type="number"\s+value="77"/);
    await second.stop();
  });

  test.each([
    [0, 60_000],
    [1, 120_000],
    [5, 1_920_000],
    [10, 61_440_000],
    [11, 86_400_000],
    [1_000, 86_400_000],
  ])("after %i mutes in a day the next is %i ms", (before, ms) => {
    expect(nextMute(DEFAULT_FLOODS, before)).toBe(ms);
  });
});
