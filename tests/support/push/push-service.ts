import { createDecipheriv, createECDH, createPublicKey, hkdfSync, verify } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../servers/server.ts";

/** A notice as it reached the push service, opened with the keys of its browser. */
export interface Pushed {
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly notice: { readonly title: string; readonly body: string; readonly path: string };
}

/** A browser that is sent notices. */
export interface Device {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
  readonly privateKey: Uint8Array;
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** A push service (RFC 8030) over TLS on loopback, whose certificate is `ca`. */
export class PushService implements AsyncDisposable {
  readonly pushed: Pushed[] = [];
  /** Statuses of the next answers; then 201. */
  readonly statuses: number[] = [];
  readonly #devices = new Map<string, Device>();
  #waiting: (() => void)[] = [];

  private constructor(
    readonly folder: string,
    readonly ca: string,
    readonly port: number,
    readonly close: () => void,
  ) {}

  static async start(): Promise<PushService> {
    const folder = await temporaryFolder();
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const made = Bun.spawnSync([
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost"],
    ]);
    if (!made.success) throw new Error(made.stderr.toString());
    const server = Bun.serve({
      ...{ port: 0, hostname: "127.0.0.1", tls: { key: Bun.file(key), cert: Bun.file(cert) } },
      fetch: (request): Promise<Response> => service.#take(request),
    });
    const service = new PushService(folder, cert, server.port ?? 0, () => void server.stop(true));
    return service;
  }

  /** The arguments and environment of a server that may push here. */
  get options() {
    const args = ["--limits", "off", "--push", "localhost", "--allow-outbound", "localhost"];
    return { args, env: { NODE_EXTRA_CA_CERTS: this.ca } };
  }

  device(): Device {
    const curve = createECDH("prime256v1");
    const p256dh = base64url(curve.generateKeys());
    const auth = base64url(crypto.getRandomValues(new Uint8Array(16)));
    const path = `/push/${crypto.randomUUID()}`;
    const endpoint = `https://localhost:${this.port}${path}`;
    const device = { endpoint, p256dh, auth, privateKey: curve.getPrivateKey() };
    this.#devices.set(path, device);
    return device;
  }

  /** What came for a device, once it is so much. */
  async of({ endpoint }: Device, count: number, limitMs = 15_000): Promise<readonly Pushed[]> {
    const { pathname } = new URL(endpoint);
    const deadline = Date.now() + limitMs;
    for (;;) {
      const found = this.pushed.filter(({ path }) => path === pathname);
      if (found.length >= count) return found;
      if (Date.now() > deadline) throw new Error(`${found.length} of ${count} notices came`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await Promise.race([promise, Bun.sleep(200)]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #take(request: Request): Promise<Response> {
    const { pathname: path } = new URL(request.url);
    const device = this.#devices.get(path);
    if (!device) return new Response(null, { status: 404 });
    const body = await request.bytes();
    const notice = JSON.parse(open(body, device));
    this.pushed.push({ path, headers: request.headers, body, notice });
    for (const tell of this.#waiting.splice(0)) tell();
    return new Response(null, { status: this.statuses.shift() ?? 201 });
  }
}

/** Decrypts one record of aes128gcm by OpenSSL. */
export function open(body: Uint8Array, { p256dh, auth, privateKey }: Device): string {
  const [salt, theirs] = [body.subarray(0, 16), body.subarray(21, 21 + (body[20] ?? 0))];
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(privateKey);
  const shared = curve.computeSecret(theirs);
  const about = Buffer.concat([
    Buffer.from("WebPush: info\0"),
    Buffer.from(p256dh, "base64url"),
    theirs,
  ]);
  const input = Buffer.from(hkdfSync("sha256", shared, Buffer.from(auth, "base64url"), about, 32));
  const derive = (info: string, bytes: number) =>
    Buffer.from(hkdfSync("sha256", input, salt, info, bytes));
  const key = derive("Content-Encoding: aes128gcm\0", 16);
  const decipher = createDecipheriv("aes-128-gcm", key, derive("Content-Encoding: nonce\0", 12));
  const record = body.subarray(21 + theirs.length);
  decipher.setAuthTag(record.subarray(-16));
  const plain = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  if (plain.at(-1) !== 2) throw new Error("this is not the last record");
  return plain.subarray(0, -1).toString();
}

/** The claims of a VAPID header, once its signature is right. */
export function vapidClaims(header: string | null): Record<string, unknown> & { key: string } {
  const [, token = "", key = ""] = /^vapid t=([^,]+), k=(.+)$/.exec(header ?? "") ?? [];
  const [head = "", claims = "", signature = ""] = token.split(".");
  const point = Buffer.from(key, "base64url");
  const jwk = { kty: "EC", crv: "P-256" };
  const [x, y] = [base64url(point.subarray(1, 33)), base64url(point.subarray(33))];
  const publicKey = createPublicKey({ key: { ...jwk, x, y }, format: "jwk" });
  const isRight = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!isRight) throw new Error("the signature is wrong");
  return { ...JSON.parse(Buffer.from(claims, "base64url").toString()), key };
}
