import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join as path } from "node:path";
import { PROTOCOL } from "../../../lib/model/wire/frame.ts";
import { Server, temporaryFolder } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

const openssl = Bun.which("openssl");
if (!openssl) console.warn("No openssl on this machine: TLS is not tested.");

describe.skipIf(!openssl && process.env["CI"] !== "true")("with a certificate and its key", () => {
  test("pages come over https, sockets over wss, and the cookie stays on them", async () => {
    const folder = await temporaryFolder();
    const [cert, key] = [path(folder, "cert.pem"), path(folder, "key.pem")];
    const make = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1`;
    const made = Bun.spawnSync(["openssl", ...make.split(" "), "-out", cert, "-keyout", key]);
    expect(made.exitCode).toBe(0);
    await using server = await Server.start({ args: ["--tls-cert", cert, "--tls-key", key] });
    expect(server.url).toStartWith("https://");
    const tls = { ca: await Bun.file(cert).text() };
    const page = await fetch(server.url, { tls });
    expect(page.status).toBe(200);
    const [cookie = ""] = page.headers.getSetCookie();
    expect(cookie).toStartWith("__Host-chatroom=");
    expect(cookie).toMatch(/; Secure/i);
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(page.headers.get("strict-transport-security")).toMatch(/^max-age=\d{7,}/);

    const options = { protocols: [PROTOCOL], tls, headers: { cookie: cookie.split(";")[0] ?? "" } };
    const socket: Bun.WebSocket = Reflect.construct(WebSocket, [server.ws("room"), options]);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    socket.onmessage = ({ data }) => resolve(String(data));
    socket.onclose = ({ code }) => reject(new Error(`closed: ${code}`));
    expect(JSON.parse(await promise)).toMatchObject({ type: "welcome", room: "room" });
    socket.terminate();
    await rm(folder, { recursive: true, force: true });
  });

  test("a file that is none stops the start with one line", async () => {
    const start = Server.start({
      args: ["--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.pem"],
    });
    await expect(start).rejects.toThrow("/nowhere.pem");
  });
});
