import type { Role } from "../people/person.ts";
import { atLeast } from "../people/role.ts";
import type { RoomKind } from "./rules.ts";

/** A slash command. */
export interface Command {
  readonly name: string;
  /** The lowest role that finds it in lists. What it may do is decided by `authorize`. */
  readonly least: Role;
  /** The lowest role that may give it an argument; without one, everyone may use it to read. */
  readonly sets?: Role;
}

/** Who asks for the list of commands, and where. */
export interface CommandReader {
  readonly role: Role;
  readonly kind: RoomKind;
  /** Whether nothing was posted in the room, so that closing it claims it. */
  readonly isNew: boolean;
}

/** All commands, in the order of `/help`. */
export const COMMANDS = [
  { name: "help", least: "guest" },
  { name: "nick", least: "guest" },
  { name: "who", least: "guest" },
  { name: "msg", least: "guest" },
  { name: "report", least: "guest" },
  { name: "delete", least: "guest" },
  { name: "topic", least: "guest", sets: "moderator" },
  { name: "close", least: "member" },
  { name: "kick", least: "moderator" },
  { name: "mute", least: "moderator" },
  { name: "unmute", least: "moderator" },
  { name: "ban", least: "moderator" },
  { name: "unban", least: "moderator" },
  { name: "delete-all", least: "moderator" },
  { name: "invite", least: "moderator" },
  { name: "lock", least: "moderator" },
  { name: "unlock", least: "moderator" },
  { name: "readonly", least: "moderator" },
  { name: "slow", least: "moderator" },
  { name: "pin", least: "moderator" },
  { name: "unpin", least: "moderator" },
  { name: "mod", least: "owner" },
  { name: "unmod", least: "owner" },
  { name: "keep", least: "owner" },
  { name: "list", least: "owner" },
  { name: "archive", least: "owner" },
] as const satisfies readonly Command[];

type KnownCommand = (typeof COMMANDS)[number];
export type CommandName = KnownCommand["name"];

/** For `/help` and completion, in one language: a command's arguments, and what it does. */
export type CommandWords = Readonly<Record<CommandName, readonly [usage: string, help: string]>>;

/** A command as lists show it. */
export interface CommandLine {
  readonly name: string;
  /** What comes after its name. */
  readonly usage: string;
  readonly help: string;
}

/** What someone typed that begins with a slash. */
export type Typed =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "command"; readonly name: CommandName; readonly rest: string }
  | { readonly kind: "unknown"; readonly name: string; readonly rest: string };

const SHOWN = 32;

/**
 * Parses a text: `//` at the start stands for one slash; a slash and a letter is a command, known
 * or not; anything else (`/`, `/ 5`, `/=`) is text.
 */
export function readTyped(text: string): Typed {
  if (!text.startsWith("/")) return { kind: "text", text };
  if (text.startsWith("//")) return { kind: "text", text: text.slice(1) };
  const [, written, rest = ""] = /^\/(\p{L}\S*)\s*(.*)$/su.exec(text) ?? [];
  if (written === undefined) return { kind: "text", text };
  const known = COMMANDS.find(({ name }) => name === written.toLowerCase());
  if (known) return { kind: "command", name: known.name, rest: rest.trim() };
  return { kind: "unknown", name: [...written].slice(0, SHOWN).join(""), rest: rest.trim() };
}

/** Whether the chat itself has a command of this name. */
export function isCommand(name: string): boolean {
  return COMMANDS.some((command) => command.name === name);
}

/** The commands that the reader may use, or those of them that begin with `begun`. */
export function commandsFor(reader: CommandReader, begun = ""): readonly KnownCommand[] {
  const { role, kind, isNew } = reader;
  const mayClose = kind !== "direct" && (isNew || atLeast(role, "owner"));
  return COMMANDS.filter(({ name, least }) => {
    return atLeast(role, least) && name.startsWith(begun) && (name !== "close" || mayClose);
  });
}

/** A command with its arguments, as the reader may use it. */
export function usageOf(command: KnownCommand, { role }: CommandReader, words: CommandWords) {
  const { name, sets = "guest" }: Command & KnownCommand = command;
  return atLeast(role, sets) ? `/${name} ${words[name][0]}`.trim() : `/${name}`;
}

/** One line of `/help`. */
export function writeCommand(command: CommandLine): string {
  const { help } = command;
  return help === "" ? writeUsage(command) : `${writeUsage(command)} — ${help}`;
}

/** A command with what comes after it. */
export function writeUsage({ name, usage }: CommandLine): string {
  return `/${name} ${usage}`.trim();
}

/** `/help` as plain text, a line for each command. */
export function helpText(reader: CommandReader, words: CommandWords): string {
  return commandsFor(reader)
    .map((command) => `${usageOf(command, reader, words)} — ${words[command.name][1]}`)
    .join("\n");
}
