import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join, joinPlain } from "./support/client.ts";
import { RawSocket } from "./support/raw.ts";
import { Server } from "./support/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test("closes every socket with 4001, takes no new ones, and exits with 0", async () => {
    await using server = await Server.start();
    const sockets = [
      await join(server, "a"),
      await join(server, "b"),
      await joinPlain(server, "a"),
    ];
    const started = performance.now();
    server.process.kill(signal);
    for (const { closed } of sockets) expect((await closed).code).toBe(4001);
    expect(await server.process.exited).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
    await expect(fetch(`${server.url}healthz`)).rejects.toThrow();
    expect(server.noise).toEqual([]);
  });
});

describe("a stop in the middle of traffic", () => {
  test("loses nothing that was shown, and nothing is there twice", async () => {
    await using server = await Server.start({ args: ["--limits", "off"] });
    const people = [await join(server, "busy"), await join(server, "busy")];
    const traffic = setInterval(() => {
      for (const person of people) person.say("x");
    }, 1);
    await people[0]?.next("message", ({ seq }) => seq === 50);
    expect(await server.stop()).toBe(0);
    clearInterval(traffic);
    const shown = people.map((person) => person.events.at(-1)?.seq ?? 0);
    await using again = await server.again();
    const back = await join(again, "busy", { epoch: "other", after: 0 });
    expect(back.welcome.seq).toBeGreaterThanOrEqual(Math.max(...shown));
    expect((await back.post("next")).seq).toBe(back.welcome.seq + 1);
    await back.close();
  });

  test("does not wait for a client that does not answer", async () => {
    await using server = await Server.start({ args: ["--limits", "off"] });
    const deaf = await RawSocket.open(server, "deaf");
    deaf.stopReading();
    const ada = await join(server, "deaf");
    for (let count = 0; count < 30; count += 1) await ada.post("长".repeat(8_000));
    const started = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
    deaf.end();
  });
});
