import type { Message } from "./event.ts";

/** The number of colours for names; the style sheets number them. */
export const HUES = 24;

/** The colour of a person; the same on every page. */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5; // FNV-1a, 32 bits
  for (let at = 0; at < id.length; at += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash % HUES;
}

const SEEN = /[^\p{L}\p{N}\p{Extended_Pictographic}]/gu;

/**
 * What stands in the picture of someone: the first letters of the first and the last word of their
 * name, the first two of a single one; of a Han name the last two, which are the given name. Empty
 * where there is no name: a figure is drawn there.
 */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/u).map((word) => [...word.replace(SEEN, "")]);
  const [first = [], ...others] = words.filter((letters) => letters.length > 0);
  const last = others.at(-1);
  if (last) return `${first[0]}${last[0]}`.toUpperCase();
  const isHan = /^\p{Script=Han}+$/u.test(first.join(""));
  return (isHan ? first.slice(-2) : first.slice(0, 2)).join("").toUpperCase();
}

/** Four characters that tell guests without a name apart. */
export function shortId(id: string): string {
  return id
    .replace(/[^\p{L}\p{N}]/gu, "")
    .slice(-4)
    .toLowerCase();
}

const ONLY_EMOJI = /^(?:\p{RGI_Emoji}\s*){1,6}$/v;

/** Whether a text is one to six emoji and nothing else; these are shown large. */
export function isOnlyEmoji(text: string): boolean {
  return ONLY_EMOJI.test(text);
}

const GROUP_MS = 5 * 60_000;

/** Whether a message starts a group, and so shows its author. */
export function startsGroup(previous: Message | undefined, message: Message): boolean {
  return (
    previous === undefined ||
    previous.author.id !== message.author.id ||
    previous.author.name !== message.author.name ||
    message.replyTo !== undefined ||
    message.at - previous.at > GROUP_MS
  );
}
