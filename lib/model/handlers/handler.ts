import type { Refusal } from "../base/errors.ts";
import type { Author, Person, Role } from "../people/person.ts";

/** A message before it is stored, as handlers see it. */
export interface Incoming {
  readonly room: string;
  readonly author: Author;
  readonly text: string;
  /** The number of files attached; with files, the text may be empty. */
  readonly files: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * What a handler decides. Every field is optional, and an empty outcome leaves the message as it
 * is. `text` replaces the text, also for later handlers. `refuse` refuses the message and gives the
 * reason. `reply` goes to the sender alone and is not stored. `say` is posted to the room after the
 * message, by a bot with the handler's name.
 */
export interface Outcome {
  readonly text?: string;
  readonly refuse?: string;
  readonly reply?: string;
  readonly say?: string;
}

/** The time a handler has for one message, whether it waits or computes. */
export const HANDLER_TIMEOUT_MS = 1_000;
/** The time a module has to load. */
export const LOAD_TIMEOUT_MS = 5_000;
/** The most actions one call may request. */
export const MOST_ACTIONS = 100;

/** The message that another one replies to. */
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

/** An event that handlers are called for. */
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
  /** Of the edited message; 0 for a new one. */
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

/** An action of a handler in a room. `seq` 0 is the message it was called for. */
export type Action = { readonly room: string } & (
  | { readonly do: "say"; readonly text: string; readonly replyTo?: number }
  | { readonly do: "tell"; readonly person: string; readonly text: string }
  | { readonly do: "react"; readonly seq: number; readonly emoji: string; readonly on: boolean }
  | { readonly do: "delete"; readonly seq: number; readonly reason: string }
  | { readonly do: "pin"; readonly seq: number; readonly on: boolean }
  | { readonly do: "mute"; readonly person: string; readonly ms: number; readonly reason: string }
);

/** An action, with the name of its handler. */
export interface Asked {
  readonly handler: string;
  readonly action: Action;
}

/** The combined result of all handlers for one task. */
export interface Handled {
  /** The refusal, or null. */
  readonly refusal: Refusal | null;
  /** The message's text from here on. */
  readonly text: string;
  readonly actions: readonly Asked[];
}

/** Why a handler failed, for the log. */
export interface HandlerFault {
  readonly handler: string;
  readonly fault: string;
  /** `FILE:LINE:COLUMN` in the operator's code, if the error says. */
  readonly at?: string;
}

/** A slash command of a handler. */
export interface HandlerCommand {
  readonly name: string;
  /** The arguments, for lists. */
  readonly usage: string;
  readonly help: string;
  /** The lowest role that may use it. */
  readonly least: Role;
}

/** A running handler. */
export interface LoadedHandler {
  /** Its file's name without the extension. */
  readonly file: string;
  /** The name of its bot. */
  readonly name: string;
  /** Null: all. */
  readonly rooms: readonly string[] | null;
  readonly commands: readonly HandlerCommand[];
  /** The tasks it is called for. */
  readonly on: readonly Task["on"][];
}

/** Counters of a handler since the server started. */
export interface HandlerNumbers {
  readonly calls: number;
  readonly faults: number;
  /** The number of times it stopped the thread. */
  readonly stops: number;
  /** The time in its calls, waits included. */
  readonly ms: number;
}

/** The present state of a module of the handlers folder. */
export interface HandlerState extends HandlerNumbers {
  /** The file's name without its extension. */
  readonly name: string;
  readonly state: "loaded" | "failed" | "off";
  /** Why it failed or was switched off; empty if it runs. */
  readonly fault: string;
  readonly commands: readonly HandlerCommand[];
}

/** Small values stored by handlers, separate for each. JSON text. */
export interface HandlerValues {
  get(handler: string, key: string): Promise<string | null>;
  /** False if the handler has `MOST_VALUES` already. */
  set(handler: string, key: string, value: string): Promise<boolean>;
  delete(handler: string, key: string): Promise<void>;
  /** In order. */
  keys(handler: string, prefix: string): Promise<readonly string[]>;
}
export const MOST_VALUES = 1_000;
/** The most bytes of a value, as JSON in UTF-8. */
export const VALUE_LIMIT = 64 * 1024;
export const KEY_LIMIT = 256;
