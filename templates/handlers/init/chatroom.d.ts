/** Types for the handlers of chatroom. `chatroom handlers init` writes this file; do not change it. */
declare module "chatroom" {
  export type Role = "guest" | "member" | "moderator" | "owner" | "admin";

  export interface Person {
    readonly id: string;
    /** Empty for a guest who has not given one. */
    readonly name: string;
  }

  /** A message before it is stored. */
  export interface Message {
    readonly room: string;
    readonly author: Person;
    readonly text: string;
    /** How many files come with it; its text may then be empty. */
    readonly files: number;
    /** Milliseconds since 1970. */
    readonly at: number;
  }

  /** What becomes of a message; nothing leaves it as it is. */
  export interface Outcome {
    /** Replaces the text, for the handlers after this one too. */
    text?: string;
    /** Refuses the message for this reason. */
    refuse?: string;
    /** Answers the sender alone. */
    reply?: string;
    /** Says something to the room after the message, as a bot with the handler's name. */
    say?: string;
  }

  /** What the handler keeps: at most 1,000 values of 64 KiB as JSON, which outlive restarts. */
  export interface Store {
    get<T = unknown>(key: string): Promise<T | undefined>;
    set(key: string, value: unknown): Promise<void>;
    delete(key: string): Promise<void>;
    /** In order. */
    keys(prefix?: string): Promise<string[]>;
  }

  /**
   * A room, in which the handler acts as a bot with a moderator's rights. Nothing here waits: what
   * cannot be done is logged. During a call it is done once the message is stored, in this order.
   */
  export interface Room {
    readonly room: string;
    say(text: string, options?: { replyTo?: number }): void;
    /** Shows a text to one person alone, who must be in the room on this node. */
    tell(person: Person | string, text: string): void;
    /** `seq` 0 is the message the handler was called for, here and below. */
    react(seq: number, emoji: string, on?: boolean): void;
    delete(seq: number, reason?: string): void;
    pin(seq: number): void;
    unpin(seq: number): void;
    /** For a time such as "30s" or "2h"; ten minutes without one. */
    mute(person: Person | string, time?: string, reason?: string): void;
  }

  export interface Chat {
    in(room: string): Room;
    readonly store: Store;
  }

  /** What happened, and the room in which it did. */
  export interface Context extends Room, Chat {
    readonly person: Person & { readonly role: Role };
    /** Milliseconds since 1970. */
    readonly at: number;
    /** Whether a message is changed that was stored before. */
    readonly isEdit: boolean;
    /** Of that message; 0 for a new one. */
    readonly seq: number;
    readonly files: readonly {
      readonly id: string;
      readonly name: string;
      readonly type: string;
      /** Bytes. */
      readonly size: number;
    }[];
    /** The message that this one answers. */
    readonly replyTo?: { readonly seq: number; readonly author: Person; readonly text: string };
    /** Answers the person alone. */
    reply(text: string): void;
    /** Refuses the message, and ends the call. */
    refuse(reason: string): never;
    /** Replaces the message's text. */
    change(text: string): void;
  }

  type Result<T> = T | void | Promise<T | void>;

  export interface Command {
    /** What it does, in one line, for `/help`. */
    help?: string;
    /** What comes after its name, such as "[dice]". */
    usage?: string;
    /** Who may use it; everyone without it. */
    least?: Role;
    /** `rest` is what was typed after the name. A string it returns is the answer. */
    run(rest: string, context: Context): Result<string | Outcome>;
  }

  export interface Handler {
    /** What its bot is called; the file's name without it. */
    name?: string;
    /** The rooms it is for; all without it. */
    rooms?: string[];
    onMessage?(message: Message, context: Context): Result<Outcome>;
    /** Without it, edits go to `onMessage`. */
    onEdit?(message: Message, context: Context): Result<Outcome>;
    /** Someone's first connection in the room on this node. */
    onJoin?(person: Person, context: Context): Result<unknown>;
    onLeave?(person: Person, context: Context): Result<unknown>;
    onReaction?(
      reaction: { readonly seq: number; readonly emoji: string; readonly added: boolean },
      context: Context,
    ): Result<unknown>;
    commands?: Record<string, Command>;
    /** How often `onTick` is called, such as "30s" or "5m". */
    every?: string;
    onTick?(chat: Chat): Result<unknown>;
    onStart?(chat: Chat): Result<unknown>;
    onStop?(chat: Chat): Result<unknown>;
  }

  /** Gives back its argument; it is there so that an editor knows the types. */
  export function defineHandler(handler: Handler): Handler;
}
