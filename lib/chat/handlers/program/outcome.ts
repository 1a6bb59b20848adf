import type { Outcome } from "../../../model/handlers/handler.ts";
import { refuseText } from "../../../model/text/text.ts";

/** An operator's results are as untrusted as frames: every text must be valid for a message. */
export function checkOutcome(value: unknown): Outcome {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object") throw new TypeError("a handler returns an object or nothing");
  const fields: Record<string, unknown> = { ...value };
  const outcome: { text?: string; refuse?: string; reply?: string; say?: string } = {};
  for (const part of ["text", "refuse", "reply", "say"] as const) {
    const said = fields[part];
    if (said === undefined) continue;
    if (typeof said !== "string") throw new TypeError(`\`${part}\` must be a string`);
    const refusal = refuseText(said);
    if (refusal) throw new TypeError(`\`${part}\`: ${refusal.key}`);
    outcome[part] = said;
  }
  return outcome;
}
