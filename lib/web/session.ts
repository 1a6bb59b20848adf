import { timingSafeEqual } from "node:crypto";
import { type Author, personName } from "../model/person.ts";

const YEAR_SECONDS = 365 * 24 * 60 * 60;
const VALUE = /^([\w-]{16})\.([\w-]{0,256})\.([\w-]{43})$/;

/**
 * Guests: a cookie that holds an id and a name, signed, so that a visit writes nothing to the
 * database. HttpOnly, SameSite=Lax, for a year; with TLS also Secure and `__Host-`.
 */
export class Sessions {
  readonly #cookie: string;

  constructor(
    readonly secret: Uint8Array,
    readonly secure: boolean,
  ) {
    this.#cookie = secure ? "__Host-chatroom" : "chatroom";
  }

  /** The guest of a request's cookie; null without one, or with one that is not ours. */
  read(headers: Headers): Author | null {
    const value = new Bun.CookieMap(headers.get("cookie") ?? "").get(this.#cookie);
    const [, id, name64, signature] = VALUE.exec(value ?? "") ?? [];
    if (id === undefined || name64 === undefined || signature === undefined) return null;
    const expected = Buffer.from(this.#sign(id, name64));
    if (!timingSafeEqual(expected, Buffer.from(signature))) return null;
    const name = Buffer.from(name64, "base64url").toString();
    return { id, name: name === "" || typeof personName(name) === "string" ? name : "" };
  }

  /** Whether the request brings a cookie of ours, good or bad. */
  isKnown(headers: Headers): boolean {
    return new Bun.CookieMap(headers.get("cookie") ?? "").has(this.#cookie);
  }

  /** A guest nobody has met. 96 random bits: enough that nobody meets another by chance. */
  newGuest(name = ""): Author {
    const id = crypto.getRandomValues(new Uint8Array(12)).toBase64({ alphabet: "base64url" });
    return { id, name };
  }

  /** The guest that stands for a place; the same each time, and no one can tell the place from it. */
  guestOf(place: string): Author {
    const id = new Bun.CryptoHasher("sha256", this.secret).update(`place:${place}`);
    return { id: id.digest("base64url").slice(0, 16), name: "" };
  }

  /** The `Set-Cookie` header that makes the visitor this guest. */
  issue(guest: Author): string {
    const name64 = Buffer.from(guest.name).toString("base64url");
    return new Bun.Cookie(this.#cookie, `${guest.id}.${name64}.${this.#sign(guest.id, name64)}`, {
      path: "/",
      httpOnly: true,
      sameSite: "lax",
      secure: this.secure,
      maxAge: YEAR_SECONDS,
    }).serialize();
  }

  #sign(id: string, name64: string): string {
    return new Bun.CryptoHasher("sha256", this.secret)
      .update(`guest:${id}.${name64}`)
      .digest("base64url");
  }
}
