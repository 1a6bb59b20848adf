import { expect, test } from "bun:test";
import { join } from "../../support/people/client.ts";
import { hasNginx, startNginx } from "../../support/servers/nginx.ts";
import { Server } from "../../support/servers/server.ts";

test.if(hasNginx)("nginx passes each event on when it comes, without being told to", async () => {
  await using server = await Server.start({ args: ["--base-path", "/chat"] });
  await using nginx = await startNginx([Number(new URL(server.url).port)], "/chat");
  const ada = await join(server, "lobby");
  const address = `${nginx.url}api/v1/rooms/lobby/events`;
  const stream = await fetch(address, { tls: { rejectUnauthorized: false } });
  const reader = stream.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (const said of ["one", "two", "three"]) {
    await ada.post(said);
    // Ends with the test's own limit where the event stays in between.
    while (!text.includes(`"text":"${said}"`)) {
      text += decoder.decode((await reader?.read())?.value, { stream: true });
    }
  }
  expect(text.match(/event: message/g)?.length).toBe(3);
  await reader?.cancel();
  await ada.close();
});
