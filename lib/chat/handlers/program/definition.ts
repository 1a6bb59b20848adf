import { parseDuration } from "../../../model/base/duration.ts";
import type { HandlerCommand, LoadedHandler, Task } from "../../../model/handlers/handler.ts";
import { isRole } from "../../../model/people/role.ts";
import { personName } from "../../../model/people/person.ts";
import { isCommand } from "../../../model/rooms/commands.ts";
import { roomName } from "../../../model/rooms/room.ts";

/** A function of the operator, with unknown arguments and result. */
export type Hook = (...args: readonly unknown[]) => unknown;

/** A handler's checked definition. */
export interface Definition extends Omit<LoadedHandler, "file"> {
  readonly hooks: Readonly<Partial<Record<HookName, Hook>>>;
  readonly runs: ReadonlyMap<string, Hook>;
  /** Milliseconds between two calls of `onTick`; 0: never. */
  readonly every: number;
}

const HOOKS = [
  "onMessage",
  "onEdit",
  "onJoin",
  "onLeave",
  "onReaction",
  "onTick",
  "onStart",
  "onStop",
] as const;
type HookName = (typeof HOOKS)[number];

/** The hook for each task; edits go to `onMessage` if there is no `onEdit`. */
export const HOOK_OF = {
  message: "onMessage",
  edit: "onEdit",
  join: "onJoin",
  leave: "onLeave",
  reaction: "onReaction",
} as const satisfies Partial<Record<Task["on"], HookName>>;

const COMMAND = /^\p{L}[\p{L}\p{N}_-]{0,31}$/u;
const MOST_COMMANDS = 50;
const MOST_HELP = 200;

/**
 * Reads a module's default export: a function, or the argument of `defineHandler`. Throws if it is
 * invalid.
 */
export function readDefinition(module: unknown, file: string): Definition {
  const written = isObject(module) ? module["default"] : undefined;
  if (isHook(written)) {
    const base = { name: file, rooms: null, commands: [], runs: new Map(), every: 0 };
    return { ...base, hooks: { onMessage: written }, on: ["message", "edit"] };
  }
  if (!isObject(written)) {
    throw new TypeError(
      "a handler is a module whose default export is a function or defineHandler(…)",
    );
  }
  const { name = file, rooms, commands = {}, every, ...rest } = written;
  const hooks: Partial<Record<HookName, Hook>> = {};
  for (const [key, hook] of Object.entries(rest)) {
    const known = HOOKS.find((each) => each === key);
    if (known === undefined) throw new TypeError(`\`${key}\` is not a part of a handler`);
    if (hook === undefined) continue;
    if (!isHook(hook)) throw new TypeError(`\`${key}\` must be a function`);
    hooks[known] = hook;
  }
  if (hooks.onMessage) hooks.onEdit ??= hooks.onMessage;
  const { list, runs } = readCommands(commands);
  const on: Task["on"][] = list.length > 0 ? ["command"] : [];
  for (const task of ["message", "edit", "join", "leave", "reaction"] as const) {
    if (hooks[HOOK_OF[task]]) on.push(task);
  }
  const own = { name: readName(name), rooms: readRooms(rooms), every: readEvery(every, hooks) };
  return { ...own, commands: list, runs, hooks, on };
}

function readName(name: unknown): string {
  const own = typeof name === "string" ? personName(name) : null;
  if (typeof own === "string") return own;
  throw new TypeError("`name` must be a name of 1 to 32 visible characters");
}

function readRooms(rooms: unknown): readonly string[] | null {
  if (rooms === undefined) return null;
  if (!Array.isArray(rooms)) throw new TypeError("`rooms` must be a list of room names");
  return rooms.map((room: unknown) => readRoom(room));
}

/** A normalized room name. Throws if it is invalid. */
export function readRoom(room: unknown): string {
  const name = typeof room === "string" ? roomName(room) : null;
  if (name === null) {
    throw new TypeError(`${JSON.stringify(room)} is not the name of a room`);
  }
  return name;
}

function readEvery(every: unknown, { onTick }: Definition["hooks"]): number {
  if (every === undefined && !onTick) return 0;
  const ms = typeof every === "string" ? parseDuration(every) : null;
  if (ms === null || !onTick) {
    throw new TypeError('`every` (a time such as "30s" or "5m") and `onTick` go together');
  }
  return ms;
}

function readCommands(commands: unknown) {
  if (!isObject(commands)) throw new TypeError("`commands` must be an object");
  const list: HandlerCommand[] = [];
  const runs = new Map<string, Hook>();
  for (const [name, command] of Object.entries(commands)) {
    const about = `the command ${JSON.stringify(name)}`;
    if (!COMMAND.test(name) || name !== name.toLowerCase()) {
      throw new TypeError(`${about} must be a small letter and small letters, digits, - or _`);
    }
    if (isCommand(name)) throw new TypeError(`${about} is one of the chat's own`);
    if (!isObject(command)) throw new TypeError(`${about} must be { help, run }`);
    const { help = "", usage = "", least = "guest", run } = command;
    if (!isHook(run)) throw new TypeError(`\`run\` of ${about} must be a function`);
    if (!isShort(help) || !isShort(usage)) {
      throw new TypeError(`\`help\` and \`usage\` of ${about} must be a line of text each`);
    }
    if (!isRole(least)) throw new TypeError(`\`least\` of ${about} must be a role`);
    list.push({ name, usage, help, least });
    runs.set(name, run);
  }
  if (list.length > MOST_COMMANDS) throw new TypeError(`at most ${MOST_COMMANDS} commands`);
  return { list, runs };
}

function isShort(value: unknown): value is string {
  return typeof value === "string" && value.length <= MOST_HELP && !/[\r\n\0]/.test(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isHook(value: unknown): value is Hook {
  return typeof value === "function";
}
