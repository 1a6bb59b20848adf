import type { Refusal } from "../model/errors.ts";
import type { Standing } from "../model/may.ts";
import { cardPage, field, type Form, form, wordsOf } from "./desk.ts";
import type { Visit } from "./pages.ts";
import { statusOf } from "./response.ts";
import { said } from "./said.ts";
import type { Sessions } from "./session.ts";

/** The page of a room for someone who may not be in it: why, and a way in where there is one. */
export function doorPage(
  visit: Visit,
  room: string,
  { rules, bannedUntil }: Standing,
  why: Refusal,
  sessions: Sessions,
): Response {
  const w = wordsOf(visit);
  const hasPassword = rules.kind === "password" && !rules.locked && bannedUntil === 0;
  const forms = hasPassword ? [passwordForm(visit, room)] : [];
  const card = { heading: w.door, alert: said(why, visit.language), forms };
  return cardPage(visit, sessions, card, statusOf(why));
}

export function passwordForm(visit: Visit, room: string): Form {
  const w = wordsOf(visit);
  const secret = { type: "password", autocomplete: "current-password" } as const;
  const action = `${visit.root}rooms/${encodeURIComponent(room)}/password`;
  return form(action, w.goIn, { fields: [field("password", w.doorPassword, secret)] });
}
