import type { Message } from "./event.ts";

/** The number of colours for names; the style sheets number them. */
export const HUES = 12;

/** The colour of a person; the same on every page. */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5; // FNV-1a, 32 bits
  for (let at = 0; at < id.length; at += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash % HUES;
}

/** The initial shown beside a message. */
export function initialOf(name: string): string {
  return [...name.replace(/[^\p{L}\p{N}\p{Extended_Pictographic}]/gu, "")][0]?.toUpperCase() ?? "·";
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
