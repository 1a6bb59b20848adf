import { createECDH, hkdfSync } from "node:crypto";

/** How long a push service may take the signature for ours; RFC 8292 allows 24 h. */
const VALID_SECONDS = 12 * 60 * 60;
/** The order of the curve P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

/** Names this chat to push services (RFC 8292), without an account at any of them. */
export class Vapid {
  private constructor(
    /** 65 bytes, base64url. */
    readonly publicKey: string,
    readonly signer: CryptoKey,
    /** `mailto:` or `https:`: whom a push service may ask. */
    readonly contact: string,
  ) {}

  /**
   * The key pair follows from the chat's secret: it is the same on every node, after every start, and
   * in a restored or moved database.
   */
  static async create(secret: Uint8Array, contact: string): Promise<Vapid> {
    // 128 bits more than the order has, so that every key is as likely (FIPS 186-5, A.2.1).
    const bits = Buffer.from(hkdfSync("sha256", secret, "", "chatroom vapid", 48));
    const scalar = (BigInt(`0x${bits.toString("hex")}`) % (ORDER - 1n)) + 1n;
    const d = Buffer.from(scalar.toString(16).padStart(64, "0"), "hex");
    const curve = createECDH("prime256v1");
    curve.setPrivateKey(d);
    const point = new Uint8Array(curve.getPublicKey());
    const [x, y] = [base64url(point.slice(1, 33)), base64url(point.slice(33))];
    const jwk = { kty: "EC", crv: "P-256", d: base64url(d), x, y };
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const signer = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
    return new Vapid(base64url(point), signer, contact);
  }

  /** The `Authorization` header for a push service; `now` in ms since 1970. */
  async authorization(endpoint: string, now: number): Promise<string> {
    const encode = (value: object) => base64url(new TextEncoder().encode(JSON.stringify(value)));
    const exp = Math.floor(now / 1_000) + VALID_SECONDS;
    const claims = { aud: new URL(endpoint).origin, exp, sub: this.contact };
    const token = `${encode({ typ: "JWT", alg: "ES256" })}.${encode(claims)}`;
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const bytes = new TextEncoder().encode(token);
    const signature = new Uint8Array(await crypto.subtle.sign(algorithm, this.signer, bytes));
    return `vapid t=${token}.${base64url(signature)}, k=${this.publicKey}`;
  }
}
