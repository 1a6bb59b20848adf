import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Client, join } from "../../support/people/client.ts";
import { Server } from "../../support/servers/server.ts";
import { visitor } from "../../support/people/people.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

/** Sends a command and resolves to the line that answers it. */
async function order(client: Client, text: string): Promise<string> {
  const id = client.say(text);
  return Promise.race([
    client.next("notice", (notice) => notice.id === id).then((notice) => notice.text),
    client.next("error", (error) => error.id === id).then((error) => `! ${error.code}`),
  ]);
}

/** The notices that answer none of the client's own commands. */
function noticesTo(client: Client): string[] {
  const isNotice = (frame: Client["frames"][number]) =>
    frame.type === "notice" && frame.id === undefined ? [frame.text] : [];
  return client.frames.flatMap(isNotice);
}

describe("the notice that someone wants to talk alone", () => {
  test("leads to the receiver's own server, whatever Host the sender wrote", async () => {
    await using server = await Server.start();
    const evil = { headers: { host: "evil.example" } };
    const mallory = await join(server, "hall", { name: "Mallory", ...evil });
    const bob = await join(server, "hall", { name: "Bob" });
    expect(await order(mallory, "/msg Bob")).toContain("http://evil.example/people/");
    const { text } = await bob.next("notice");
    expect(text).toContain(`${server.url}people/`);
    expect(text).not.toContain("evil");
  });

  test("leads to the address the operator gave", async () => {
    await using server = await Server.start({ args: ["--url", "https://chat.example.org"] });
    const ada = await join(server, "hall", { name: "Ada" });
    const bob = await join(server, "hall", { name: "Bob" });
    expect(await order(ada, "/msg Bob")).toContain("https://chat.example.org/people/");
    expect((await bob.next("notice")).text).toContain("https://chat.example.org/people/");
  });

  test("is in the receiver's language", async () => {
    await using server = await Server.start();
    const ada = await join(server, "hall", { name: "Ada" });
    const bob = await join(server, "hall", { name: "Bob", headers: { "accept-language": "zh" } });
    await order(ada, "/msg Bob");
    expect((await bob.next("notice")).text).toContain("Ada 想和你私聊");
  });

  test("is sent five times for one who asks, who is then told to wait", async () => {
    await using server = await Server.start();
    const mallory = await join(server, "hall", { name: "Mallory" });
    const bob = await join(server, "hall", { name: "Bob" });
    const answers: string[] = [];
    for (let count = 0; count < 7; count += 1) answers.push(await order(mallory, "/msg Bob"));
    expect(answers.slice(5)).toEqual(["! too_fast", "! too_fast"]);
    await bob.fence();
    expect(noticesTo(bob)).toHaveLength(5);
  });

  test("is sent five times to one who is asked by many, who all get their room", async () => {
    await using server = await Server.start();
    const bob = await join(server, "hall", { name: "Bob" });
    for (let count = 0; count < 8; count += 1) {
      const { cookie } = await visitor(server);
      const someone = await join(server, "hall", { cookie, name: `Someone ${count}` });
      expect(await order(someone, "/msg Bob")).toContain("people/");
      await someone.close();
    }
    await bob.fence();
    expect(noticesTo(bob)).toHaveLength(5);
  });
});
