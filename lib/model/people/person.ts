import { Refusal } from "../base/errors.ts";
import { normalize } from "../text/normalize.ts";
import { characters } from "../text/text.ts";

export type Role = "guest" | "member" | "moderator" | "owner" | "admin";

/** A person as others see them. `name` is empty for a guest without a name. */
export interface Author {
  readonly id: string;
  readonly name: string;
  /** A program: a bot with a token, a webhook, a handler or the chat itself. */
  readonly bot?: true;
}

/** The prefix of programs' ids. People's ids contain no colon. */
const BOT = "bot:";

/** The id of the program identified by `key`. */
export function botId(key: string): string {
  return BOT + key;
}

export function isBot(id: string): boolean {
  return id.startsWith(BOT);
}

/** The author with this id, marked if it is a program. */
export function authorOf(id: string, name: string): Author {
  return isBot(id) ? { id, name, bot: true } : { id, name };
}

export interface Person extends Author {
  readonly role: Role;
}

/** The most characters (code points) in a name. */
export const NAME_LIMIT = 32;

/**
 * The most UTF-16 units of text that may become a name: more than 32 characters with their marks
 * need.
 */
export const RAW_NAME_LIMIT = 512;

/**
 * Controls, unassigned, private and format characters (bidi among them), line breaks, letters that
 * show nothing (Hangul fillers). The emoji selector U+FE0F stays: it is part of how ❤️ is written.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\u2800[\p{Default_Ignorable_Code_Point}--\ufe0f]]/v;
const ONLY_MARKS = /^[\p{M} ]+$/u;
const STACKED_MARKS = /\p{M}{4,}/u;

/**
 * Symbols that pages and other chats put beside the names of verified people or staff: check marks,
 * stars, shields, crowns, medals, tools, and trade marks.
 */
const BADGE = new RegExp(
  "[✓✔✅☑√⍻⎷\u{1f5f8}\u{1f5f9}★☆⭐⭑⭒⋆٭⚝✦✧✩-✰⛤-⛧\u{1f31f}⛨\u{1f6e1}\u{1f530}" +
    "♔♕♚♛\u{1f451}⚜\u{1f396}\u{1f3c5}\u{1f3f5}\u{1f46e}⚒⚖\u{1f528}\u{1f6e0}\u{1f511}\u{1f5dd}©®™℠]",
  "u",
);

/**
 * Normalizes a name: NFC, single spaces. Refuses it unless it has 1 to 32 characters, all visible,
 * and no badge.
 */
export function personName(raw: string): string | Refusal {
  if (raw.length > RAW_NAME_LIMIT) return new Refusal("nameTooLong", { count: NAME_LIMIT });
  if (!raw.isWellFormed()) return new Refusal("nameMalformed");
  const name = normalize(raw, "NFC")
    .trim()
    .replace(/\p{Zs}+/gu, " ");
  if (name === "") return new Refusal("nameEmpty");
  if (characters(name, NAME_LIMIT) > NAME_LIMIT) {
    return new Refusal("nameTooLong", { count: NAME_LIMIT });
  }
  if (UNSEEN.test(name) || ONLY_MARKS.test(name) || STACKED_MARKS.test(name)) {
    return new Refusal("nameInvisible");
  }
  if (BADGE.test(name)) return new Refusal("nameBadge");
  return name;
}
