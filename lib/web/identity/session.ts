import { SESSION_MS } from "../../model/people/account.ts";
import { type Author, type Person, personName } from "../../model/people/person.ts";

/** How long a browser keeps what makes its visitor who they are. */
export const YEAR_SECONDS = 365 * 24 * 60 * 60;
const VALUE = /^([\w-]{16})\.([\w-]{0,256})\.([\w-]{43})$/;

/** Someone behind a request; `session` is the hash of the one they signed in with. */
export interface Visitor {
  readonly person: Person | null;
  /** Their address, as `place` gives it. */
  readonly network: string;
  readonly session: string | null;
}

/**
 * Guests: a cookie that holds an id and a name, signed, so that a visit writes nothing to the
 * database. HttpOnly, SameSite=Lax, for a year; with TLS also Secure and `__Host-`.
 */
export class Sessions {
  readonly #cookie: string;
  readonly #account: string;
  /** Who was found behind a request's cookies, for as long as the request is. */
  readonly #found = new WeakMap<Headers, Visitor>();

  constructor(
    readonly secret: Uint8Array,
    readonly secure: boolean,
  ) {
    this.#cookie = secure ? "__Host-chatroom" : "chatroom";
    this.#account = `${this.#cookie}-session`;
  }

  /** Who a request comes from, as `found` said; null for someone new. */
  read(headers: Headers): Person | null {
    const found = this.#found.get(headers);
    return found ? found.person : this.guest(headers);
  }

  /** The session, by its hash, of someone who has signed in. */
  session(headers: Headers): string | null {
    return this.#found.get(headers)?.session ?? null;
  }

  /** Where a request comes from: an address, or the network of an IPv6 address. */
  network(headers: Headers): string {
    return this.#found.get(headers)?.network ?? "";
  }

  /** What `read`, `session` and `place` answer for this request from now on. */
  found(headers: Headers, visitor: Visitor): void {
    this.#found.set(headers, visitor);
  }

  /** The secret of someone who says they have signed in. */
  secretOf(headers: Headers): string | null {
    return new Bun.CookieMap(headers.get("cookie") ?? "").get(this.#account);
  }

  /** The guest of a request's cookie; null without one, or with one that is not ours. */
  guest(headers: Headers): Person | null {
    const value = new Bun.CookieMap(headers.get("cookie") ?? "").get(this.#cookie);
    const [, id, name64, signature] = VALUE.exec(value ?? "") ?? [];
    if (id === undefined || name64 === undefined || signature === undefined) return null;
    const expected = Buffer.from(this.#sign(id, name64));
    if (!crypto.timingSafeEqual(expected, Buffer.from(signature))) return null;
    const name = Buffer.from(name64, "base64url").toString();
    const isName = name === "" || typeof personName(name) === "string";
    return { id, name: isName ? name : "", role: "guest" };
  }

  /** Whether the request brings a cookie of ours, good or bad. */
  isKnown(headers: Headers): boolean {
    const cookies = new Bun.CookieMap(headers.get("cookie") ?? "");
    return cookies.has(this.#cookie) || cookies.has(this.#account);
  }

  /** A guest nobody has met. 96 random bits: enough that nobody meets another by chance. */
  newGuest(name = ""): Person {
    const id = crypto.getRandomValues(new Uint8Array(12)).toBase64({ alphabet: "base64url" });
    return { id, name, role: "guest" };
  }

  /** The guest that stands for a place; the same each time, and no one can tell the place from it. */
  guestOf(network: string): Person {
    const id = new Bun.CryptoHasher("sha256", this.secret).update(`place:${network}`);
    return { id: id.digest("base64url").slice(0, 16), name: "", role: "guest" };
  }

  /** The `Set-Cookie` header that makes the visitor this guest. */
  issue(guest: Author): string {
    const name64 = Buffer.from(guest.name).toString("base64url");
    return this.#write(this.#cookie, `${guest.id}.${name64}.${this.#sign(guest.id, name64)}`);
  }

  /** The `Set-Cookie` header with which someone who is signed in stays so from now on; null for others. */
  renew(headers: Headers): string | null {
    const secret = this.session(headers) === null ? null : this.secretOf(headers);
    return secret === null ? null : this.issueSession(secret);
  }

  /** The `Set-Cookie` header that signs the visitor in; null: out. */
  issueSession(secret: string | null): string {
    return this.#write(this.#account, secret ?? "", secret === null ? 0 : SESSION_MS / 1000);
  }

  /** A token for forms: nobody who cannot read the visitor's cookies can know it. */
  formToken(headers: Headers, person: Author): string {
    const who = this.session(headers) ?? person.id;
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
