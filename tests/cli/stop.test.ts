import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join, joinPlain, refusedUpgrade } from "../support/people/client.ts";
import { RawSocket } from "../support/people/raw.ts";
import { Server } from "../support/servers/server.ts";

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

describe("while it drains", () => {
  test("it says that it is not ready, opens no socket, and still answers whole requests", async () => {
    await using server = await Server.start({ args: ["--limits", "off"] });
    // Four batches: 300 ms.
    const sockets = await Promise.all(
      Array.from({ length: 2_000 }, () => joinPlain(server, "crowd")),
    );
    expect((await fetch(`${server.url}readyz`)).status).toBe(200);
    const started = performance.now();
    server.process.kill("SIGTERM");
    await sockets[0]?.closed;
    const [ready, socket, stream, page, post] = await Promise.all([
      fetch(`${server.url}readyz`),
      refusedUpgrade(server.ws("crowd")),
      fetch(`${server.url}api/v1/rooms/crowd/events`),
      fetch(`${server.url}rooms/crowd`),
      fetch(`${server.url}api/v1/rooms/other/messages`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"text":"in time"}',
      }),
    ]);
    expect([ready.status, socket, stream.status]).toEqual([503, 503, 503]);
    expect(ready.headers.get("retry-after")).toBe("1");
    expect([page.status, post.status]).toEqual([200, 201]);
    const codes = new Set((await Promise.all(sockets.map(({ closed }) => closed))).map(codeOf));
    expect([...codes]).toEqual([4001]);
    expect(await server.process.exited).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
    await using again = await server.again();
    const kept = await fetch(`${again.url}api/v1/rooms/other/messages`);
    expect(await kept.text()).toContain("in time");
  });

  test("with nobody there it is gone at once", async () => {
    await using server = await Server.start();
    const started = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

const codeOf = ({ code }: { code: number }) => code;

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
