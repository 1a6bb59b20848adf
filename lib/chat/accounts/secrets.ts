import { Refusal } from "../../model/base/errors.ts";
import { normalize } from "../../model/text/normalize.ts";
import { characters } from "../../model/text/text.ts";

/** OWASP's minimum for argon2id (2023): 19 MiB, two passes. Runs on Bun's threads. */
const COST = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
const SHORTEST = 8;
const LONGEST = 200;

/** The hash of a random secret, against which passwords of unknown names are checked. */
let nobodys: Promise<string> | null = null;

export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(normalize(password, "NFKC"), COST);
}

/** Takes the same time without a hash, so that timing does not reveal which names exist. */
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

/** A random secret, safe in cookies and addresses; 256 bits by default. */
export function newSecret(bytes = 32): string {
  return crypto
    .getRandomValues(new Uint8Array(bytes))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Bytes of the secret in a link. */
export const LINK_BYTES = 16;

/** The stored form of our own secrets. They are long and random, so a plain hash suffices. */
export function secretHash(secret: string): string {
  return new Bun.CryptoHasher("sha256").update(secret).digest("hex");
}
