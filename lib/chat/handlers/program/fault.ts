import type { HandlerFault } from "../../../model/handlers/handler.ts";

const LONGEST = 2_000;

/** A thrown value, for the log; `root` is the folder of the operator's code. */
export function toFault(handler: string, thrown: unknown, root: string): HandlerFault {
  const fault = safeString(thrown).slice(0, LONGEST);
  const at = placeIn(root, thrown);
  return at === undefined ? { handler, fault } : { handler, fault, at };
}

/** `String` of a value; even this may throw for an operator's object. */
function safeString(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "something that cannot be shown";
  }
}

/** `FILE:LINE:COLUMN` of the first stack frame in the folder. */
function placeIn(root: string, thrown: unknown): string | undefined {
  try {
    if (!(thrown instanceof Error)) return undefined;
    for (const line of (thrown.stack ?? "").split("\n").slice(0, 50)) {
      const start = line.indexOf(root);
      const [place] =
        start < 0 ? [] : (/^[^)]*:\d+:\d+/.exec(line.slice(start + root.length)) ?? []);
      if (place !== undefined) return place.replace(/^[/\\]/, "");
    }
  } catch {
    // An operator's error may have an unusual stack.
  }
  return undefined;
}
