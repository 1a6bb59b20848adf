import type { Refusal } from "../base/errors.ts";
import type { Author, Person, Role } from "../people/person.ts";

/** A message on its way in, before it is stored, as handlers see it. */
export interface Incoming {
  readonly room: string;
  readonly author: Author;
  readonly text: string;
  /** How many files come with it; its text may then be empty. */
  readonly files: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * What a handler wants; every part may be left out, and nothing at all leaves the message as it is.
 * `text` replaces the text, for the handlers after it too. `refuse` gives the reason, and ends it.
 * `reply` goes to the sender alone, and is not stored. `say` goes to the room after the message, as
 * a message of a bot with the handler's name.
 */
export interface Outcome {
  readonly text?: string;
  readonly refuse?: string;
  readonly reply?: string;
  readonly say?: string;
}

/** A handler that takes longer for one message has failed, whether it waits or computes. */
export const HANDLER_TIMEOUT_MS = 1_000;
/** The same for a module that is being loaded. */
export const LOAD_TIMEOUT_MS = 5_000;
/** What one call of a handler may ask the chat for. */
export const MOST_ACTIONS = 100;

/** The message that another one answers. */
export interface Quoted {
  readonly seq: number;
  readonly author: Author;
  readonly text: string;
}
export interface HandlerFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

/** Something that handlers are called for. */
export type Task = TaskAbout & (MessageTask | CommandTask | PresenceTask | ReactionTask);
interface TaskAbout {
  readonly room: string;
  readonly person: Person;
  readonly at: number;
}
export interface MessageTask {
  readonly on: "message" | "edit";
  readonly text: string;
  readonly files: readonly HandlerFile[];
  readonly replyTo: Quoted | null;
  /** Of the message that is edited; 0 for a new one. */
  readonly seq: number;
}
export interface CommandTask {
  readonly on: "command";
  readonly command: string;
  readonly rest: string;
}
interface PresenceTask {
  readonly on: "join" | "leave";
}
interface ReactionTask {
  readonly on: "reaction";
  readonly seq: number;
  readonly emoji: string;
  readonly added: boolean;
}

/** What a handler asks the chat to do in a room. Seq 0 is the message it was called for. */
export type Action = { readonly room: string } & (
  | { readonly do: "say"; readonly text: string; readonly replyTo?: number }
  | { readonly do: "tell"; readonly person: string; readonly text: string }
  | { readonly do: "react"; readonly seq: number; readonly emoji: string; readonly on: boolean }
  | { readonly do: "delete"; readonly seq: number; readonly reason: string }
  | { readonly do: "pin"; readonly seq: number; readonly on: boolean }
  | { readonly do: "mute"; readonly person: string; readonly ms: number; readonly reason: string }
);

/** An action, and the name of the handler that asks for it. */
export interface Asked {
  readonly handler: string;
  readonly action: Action;
}

/** What all handlers together made of one task. */
export interface Handled {
  /** Why it is refused, or null. */
  readonly refusal: Refusal | null;
  /** Of a message, as it goes on. */
  readonly text: string;
  readonly actions: readonly Asked[];
}

/** How a handler failed, for the log. */
export interface HandlerFault {
  readonly handler: string;
  readonly fault: string;
  /** `FILE:LINE:COLUMN` of the operator's code, where the fault tells it. */
  readonly at?: string;
}

/** A slash command that a handler answers. */
export interface HandlerCommand {
  readonly name: string;
  /** What comes after its name. */
  readonly usage: string;
  readonly help: string;
  /** Who may use it. */
  readonly least: Role;
}

/** A handler that runs. */
export interface LoadedHandler {
  /** Its file's name without the ending. */
  readonly file: string;
  /** What its bot is called. */
  readonly name: string;
  /** Null: all. */
  readonly rooms: readonly string[] | null;
  readonly commands: readonly HandlerCommand[];
  /** Which tasks it is called for. */
  readonly on: readonly Task["on"][];
}

/** What was counted of a handler since the server started. */
export interface HandlerNumbers {
  readonly calls: number;
  readonly faults: number;
  /** How often it stopped the thread. */
  readonly stops: number;
  /** Time in its calls, waits included. */
  readonly ms: number;
}

/** A module of the handlers folder as it now stands. */
export interface HandlerState extends HandlerNumbers {
  /** The file's name without its ending. */
  readonly name: string;
  readonly state: "loaded" | "failed" | "off";
  /** Why it failed or was switched off; empty where it runs. */
  readonly fault: string;
  readonly commands: readonly HandlerCommand[];
}

/** Small values that handlers keep, each handler its own. JSON text. */
export interface HandlerValues {
  get(handler: string, key: string): Promise<string | null>;
  /** False where the handler has `MOST_VALUES` already. */
  set(handler: string, key: string, value: string): Promise<boolean>;
  delete(handler: string, key: string): Promise<void>;
  /** In order. */
  keys(handler: string, prefix: string): Promise<readonly string[]>;
}
export const MOST_VALUES = 1_000;
/** Bytes of a value as JSON in UTF-8. */
export const VALUE_LIMIT = 64 * 1024;
export const KEY_LIMIT = 256;
