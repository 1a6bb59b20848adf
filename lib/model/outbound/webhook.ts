import type { Author } from "../people/person.ts";
import { calledNames } from "../people/mention.ts";
import type { Message } from "../wire/event.ts";

/** Which messages of its room a webhook is told of. */
export const TRIGGERS = ["message", "mention", "command"] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** Webhooks of one room. */
export const WEBHOOK_LIMIT = 10;
/** A webhook that has failed for this long is switched off. */
export const WEBHOOK_FAILING_MS = 24 * 60 * 60 * 1000;

/** An address that is told of a room's messages. */
export interface Webhook {
  readonly id: string;
  readonly room: string;
  /** The name by which it is mentioned, and under which its answers are posted. */
  readonly name: string;
  readonly url: string;
  readonly trigger: Trigger;
  /** The first word of a message that is a command for it; empty without the trigger `command`. */
  readonly word: string;
  /** 24 random bytes, base64, that sign what it is sent. */
  readonly secret: string;
  readonly by: Author;
  readonly at: number;
  /** It was told of everything up to this `seq`. */
  readonly seq: number;
  /** Since when it fails, in ms since 1970; 0: it does not. */
  readonly failingSince: number;
  readonly isOn: boolean;
}

/** Whether a webhook is told of a message. Never of what programs say: two could talk forever. */
export function isFor(webhook: Webhook, { author, text, deleted }: Message): boolean {
  if (deleted || author.bot) return false;
  switch (webhook.trigger) {
    case "message":
      return true;
    case "mention":
      return calledNames(text).some((names) => names.includes(webhook.name.toLowerCase()));
    case "command":
      return text.split(/\s/, 1)[0] === webhook.word;
  }
}

/** Any method may reject where the database fails. */
export interface Webhooks {
  /** False where the room has `WEBHOOK_LIMIT` already. */
  add(webhook: Webhook): Promise<boolean>;
  list(room: string): Promise<readonly Webhook[]>;
  find(id: string): Promise<Webhook | null>;
  /** False where the room has no such webhook. */
  remove(room: string, id: string): Promise<boolean>;
  /** Those that are on and were not told of all of their rooms. */
  behind(): Promise<readonly string[]>;
  /** It was told of everything up to `seq`. */
  advance(id: string, seq: number): Promise<void>;
  /** It fails since `since`, or is off. */
  mark(id: string, state: Pick<Webhook, "failingSince" | "isOn">): Promise<void>;
}
