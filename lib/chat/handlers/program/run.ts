import {
  type Asked,
  type HandlerFault,
  HANDLER_TIMEOUT_MS,
  type Task,
} from "../../../model/handlers/handler.ts";
import type { Ran, ToThread } from "../protocol.ts";
import { enter } from "./cells.ts";
import { Call } from "./context.ts";
import { inTime } from "./deadline.ts";
import { HOOK_OF, type Hook } from "./definition.ts";
import { toFault } from "./fault.ts";
import type { Loaded, ModuleDeps } from "./modules.ts";
import { checkOutcome } from "./outcome.ts";

/** Runs the handlers for a task, one after the other. Never rejects. */
export async function runTask(
  { call, task, skip }: Extract<ToThread, { kind: "run" }>,
  handlers: readonly Loaded[],
  { cells, root, act }: Pick<ModuleDeps, "cells" | "root" | "act">,
): Promise<Ran> {
  let text = "text" in task ? task.text : "";
  const actions: Asked[] = [];
  const faults: HandlerFault[] = [];
  const times: { readonly file: string; readonly ms: number }[] = [];
  for (const handler of handlers) {
    const { name, file, rooms, store } = handler;
    const hook = hookFor(handler, task);
    if (!hook || skip.includes(file) || rooms?.includes(task.room) === false) continue;
    const now = "text" in task ? { ...task, text } : task;
    const one = new Call(now, act(name), store);
    const began = performance.now();
    try {
      const given = argumentsFor(now, one.context());
      const running = enter(cells, handler, call, () => hook(...given));
      const returned = await inTime(running, HANDLER_TIMEOUT_MS);
      const outcome = checkOutcome(task.on === "command" ? asReply(returned) : returned);
      const { room } = task;
      one.refused ??= outcome.refuse;
      text = outcome.text ?? one.text ?? text;
      if (one.refused === undefined) {
        const { reply, say } = outcome;
        const person = task.person.id;
        if (reply !== undefined) one.actions.push({ do: "tell", room, person, text: reply });
        if (say !== undefined) one.actions.push({ do: "say", room, text: say });
      }
    } catch (thrown) {
      if (one.refused === undefined) {
        one.actions.length = 0;
        faults.push(toFault(file, thrown, root));
      }
    } finally {
      one.end();
      actions.push(...one.actions.map((action) => ({ handler: name, action })));
      times.push({ file, ms: performance.now() - began });
    }
    if (one.refused !== undefined) return { text, refuse: one.refused, actions, faults, times };
  }
  return { text, actions, faults, times };
}

function hookFor({ hooks, runs }: Loaded, task: Task): Hook | undefined {
  return task.on === "command" ? runs.get(task.command) : hooks[HOOK_OF[task.on]];
}

function argumentsFor(task: Task, context: unknown): readonly unknown[] {
  const { id, name } = task.person;
  switch (task.on) {
    case "message":
    case "edit": {
      const { room, text, files, at } = task;
      return [{ room, author: { id, name }, text, files: files.length, at }, context];
    }
    case "command":
      return [task.rest, context];
    case "reaction":
      return [{ seq: task.seq, emoji: task.emoji, added: task.added }, context];
    default:
      return [task.person, context];
  }
}

/** A command may return its answer directly. */
function asReply(returned: unknown): unknown {
  return typeof returned === "string" ? { reply: returned } : returned;
}
