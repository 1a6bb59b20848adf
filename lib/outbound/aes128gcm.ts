const CURVE = { name: "ECDH", namedCurve: "P-256" };
const KEY_BYTES = 65;
/** One record holds all of a notice. */
const RECORD_BYTES = 4_096;

const bytesOf = (text: string) => new TextEncoder().encode(text);

/**
 * Encrypts a message for one browser (RFC 8291) as one record of `aes128gcm` (RFC 8188), 103 bytes
 * longer than the message. `browserKey` has 65 bytes, `auth` 16. Rejects if the key is none.
 */
export async function encryptPush(
  message: Uint8Array,
  browserKey: Uint8Array<ArrayBuffer>,
  auth: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { subtle } = crypto;
  const theirs = await subtle.importKey("raw", browserKey, CURVE, false, []);
  const pair = await subtle.generateKey(CURVE, false, ["deriveBits"]);
  const ours = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  const agreement = { name: "ECDH", public: theirs };
  const shared = new Uint8Array(await subtle.deriveBits(agreement, pair.privateKey, 256));
  const about = joined(bytesOf("WebPush: info\0"), browserKey, ours);
  const input = await hkdf(auth, shared, about, 32);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const keyBytes = await hkdf(salt, input, bytesOf("Content-Encoding: aes128gcm\0"), 16);
  const iv = await hkdf(salt, input, bytesOf("Content-Encoding: nonce\0"), 12);
  const key = await subtle.importKey("raw", keyBytes, "AES-GCM", false, ["encrypt"]);
  // 2 ends the last record.
  const record = joined(message, new Uint8Array([2]));
  const cipher = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv }, key, record));
  const sizes = new DataView(new ArrayBuffer(5));
  sizes.setUint32(0, RECORD_BYTES);
  sizes.setUint8(4, KEY_BYTES);
  return joined(salt, new Uint8Array(sizes.buffer), ours, cipher);
}

async function hkdf(
  salt: Uint8Array<ArrayBuffer>,
  input: Uint8Array<ArrayBuffer>,
  info: Uint8Array<ArrayBuffer>,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", input, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 8 * bytes));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
