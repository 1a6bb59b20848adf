import { SESSION_MS } from "../../model/people/account.ts";
import { type Author, type Person, personName } from "../../model/people/person.ts";

/** How long a browser keeps what makes its visitor who they are. */
export const YEAR_SECONDS = 365 * 24 * 60 * 60;
const VALUE = /^([\w-]{16})\.([\w-]{0,256})\.([\w-]{43})$/;

/**
 * Writes and reads the cookies that say who someone is. A guest is nothing but a cookie: an id and a
 * name, signed, so that a visit writes nothing to the database. HttpOnly, SameSite=Lax, for a year;
 * `secure`: also Secure and `__Host-`.
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

  /** The secret of someone who says they have signed in. */
  secretOf(cookies: Bun.CookieMap): string | null {
    return cookies.get(this.#account);
  }

  /** The guest of the cookies; null without one, or with one that is not ours. */
  guestIn(cookies: Bun.CookieMap): Person | null {
    const [, id, name64, signature] = VALUE.exec(cookies.get(this.#cookie) ?? "") ?? [];
    if (id === undefined || name64 === undefined || signature === undefined) return null;
    const expected = Buffer.from(this.#sign(id, name64));
    if (!crypto.timingSafeEqual(expected, Buffer.from(signature))) return null;
    const name = Buffer.from(name64, "base64url").toString();
    const isName = name === "" || typeof personName(name) === "string";
    return { id, name: isName ? name : "", role: "guest" };
  }

  /** Whether there is a cookie of ours, good or bad. */
  hasCookie(cookies: Bun.CookieMap): boolean {
    return cookies.has(this.#cookie) || cookies.has(this.#account);
  }

  /** A guest nobody has met. 96 random bits: enough that nobody meets another by chance. */
  newGuest(name = ""): Person {
    const id = crypto.getRandomValues(new Uint8Array(12)).toBase64({ alphabet: "base64url" });
    return { id, name, role: "guest" };
  }

  /** The guest that stands for a network: the same each time, and nobody can tell the network from it. */
  guestOf(network: string): Person {
    const id = new Bun.CryptoHasher("sha256", this.secret).update(`place:${network}`);
    return { id: id.digest("base64url").slice(0, 16), name: "", role: "guest" };
  }

  /** The `Set-Cookie` header that makes the visitor this guest. */
  issue(guest: Author): string {
    const name64 = Buffer.from(guest.name).toString("base64url");
    return this.#write(this.#cookie, `${guest.id}.${name64}.${this.#sign(guest.id, name64)}`);
  }

  /** The `Set-Cookie` header that signs the visitor in; null: out. */
  issueSession(secret: string | null): string {
    return this.#write(this.#account, secret ?? "", secret === null ? 0 : SESSION_MS / 1000);
  }

  /**
   * The token in the forms of someone, by the hash of their session or, of a guest, by their id:
   * nobody who cannot read their cookies can know it.
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
