import { Refusal } from "../../model/base/errors.ts";
import { normalize } from "../../model/text/normalize.ts";
import { characters } from "../../model/text/text.ts";

/** OWASP's least for argon2id (2023): 19 MiB, two passes; on Bun's threads, off the message path. */
const COST = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
const SHORTEST = 8;
const LONGEST = 200;

/** Made once, of nothing anyone knows: what an unknown name's password is checked against. */
let nobodys: Promise<string> | null = null;

export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(normalize(password, "NFKC"), COST);
}

/** Costs the same where there is no hash, so that the time tells no one which names exist. */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  nobodys ??= hashPassword(newSecret());
  const isPossible = refusePassword(password) === null;
  const given = isPossible ? normalize(password, "NFKC") : " ";
  const isRight = await Bun.password.verify(given, hash ?? (await nobodys));
  return isRight && isPossible && hash !== null;
}

export function refusePassword(password: string): Refusal | null {
  const length = characters(password, LONGEST);
  if (length < SHORTEST) {
    return new Refusal("passwordTooShort", { count: SHORTEST });
  }
  return length > LONGEST || !password.isWellFormed()
    ? new Refusal("passwordTooLong", { count: LONGEST })
    : null;
}

/** Random, as text that stands in a cookie or an address: 256 bits, or as many bytes as are asked for. */
export function newSecret(bytes = 32): string {
  return crypto
    .getRandomValues(new Uint8Array(bytes))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Bytes of a link that lets its bearer in once or for a while. */
export const LINK_BYTES = 16;

/** How a secret of our own is kept. It is random and long, so a plain hash is enough. */
export function secretHash(secret: string): string {
  return new Bun.CryptoHasher("sha256").update(secret).digest("hex");
}
