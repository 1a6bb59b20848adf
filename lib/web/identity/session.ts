import { SESSION_MS } from "../../model/people/account.ts";
import { type Author, type Person, personName } from "../../model/people/person.ts";

/** The lifetime of identity cookies. */
export const YEAR_SECONDS = 365 * 24 * 60 * 60;
const VALUE = /^([\w-]{16})\.([\w-]{0,256})\.([\w-]{43})$/;

/**
 * Writes and reads the identity cookies. A guest is only a cookie, a signed id and name, so that a
 * visit writes nothing to the database. HttpOnly, SameSite=Lax, for a year; `secure`: also Secure
 * and `__Host-`.
 */
export class Sessions {
  readonly #cookie: string;
  readonly #account: string;

  constructor(
    readonly secret: Uint8Array,
    readonly secure: boolean,
  ) {
    this.#cookie = secure ? "__Host-chatroom" : "chatroom";
    this.#account = `${this.#cookie}-session`;
  }

  /** The session secret in the cookies, unchecked. */
  secretOf(cookies: Bun.CookieMap): string | null {
    return cookies.get(this.#account);
  }

  /** The guest of the cookies; null if there is none, or its signature is invalid. */
  guestIn(cookies: Bun.CookieMap): Person | null {
    const [, id, name64, signature] = VALUE.exec(cookies.get(this.#cookie) ?? "") ?? [];
    if (id === undefined || name64 === undefined || signature === undefined) return null;
    const expected = Buffer.from(this.#sign(id, name64));
    if (!crypto.timingSafeEqual(expected, Buffer.from(signature))) return null;
    const name = Buffer.from(name64, "base64url").toString();
    const isName = name === "" || typeof personName(name) === "string";
    return { id, name: isName ? name : "", role: "guest" };
  }

  /** Whether there is a cookie of ours, valid or not. */
  hasCookie(cookies: Bun.CookieMap): boolean {
    return cookies.has(this.#cookie) || cookies.has(this.#account);
  }

  /** A new guest. 96 random bits make collisions negligible. */
  newGuest(name = ""): Person {
    const id = crypto.getRandomValues(new Uint8Array(12)).toBase64({ alphabet: "base64url" });
    return { id, name, role: "guest" };
  }

  /** The guest that stands for a network. Stable, and does not reveal the network. */
  guestOf(network: string): Person {
    const id = new Bun.CryptoHasher("sha256", this.secret).update(`place:${network}`);
    return { id: id.digest("base64url").slice(0, 16), name: "", role: "guest" };
  }

  /** The `Set-Cookie` header for this guest. */
  issue(guest: Author): string {
    const name64 = Buffer.from(guest.name).toString("base64url");
    return this.#write(this.#cookie, `${guest.id}.${name64}.${this.#sign(guest.id, name64)}`);
  }

  /** The `Set-Cookie` header that signs in; null: signs out. */
  issueSession(secret: string | null): string {
    return this.#write(this.#account, secret ?? "", secret === null ? 0 : SESSION_MS / 1000);
  }

  /**
   * The token in a person's forms, derived from the hash of their session or, for a guest, from
   * their id. Cannot be known without their cookies.
   */
  formToken(session: string | null, person: Author): string {
    const who = session ?? person.id;
    const token = new Bun.CryptoHasher("sha256", this.secret).update(`form:${who}`);
    return token.digest("base64url").slice(0, 22);
  }

  #write(name: string, value: string, maxAge = YEAR_SECONDS): string {
    return new Bun.Cookie(name, value, {
      path: "/",
      httpOnly: true,
      sameSite: "lax",
      secure: this.secure,
      maxAge,
    }).serialize();
  }

  #sign(id: string, name64: string): string {
    return new Bun.CryptoHasher("sha256", this.secret)
      .update(`guest:${id}.${name64}`)
      .digest("base64url");
  }
}
