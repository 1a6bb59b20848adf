import type { Refusal } from "../../model/base/errors.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import { cardPage, field, type Form, form, wordsOf } from "./forms.ts";
import type { Visit } from "./pages.ts";
import { statusOf } from "../http/response.ts";
import { translate } from "../http/translate.ts";
import type { Sessions } from "../identity/session.ts";

/** The page of a room for someone who may not be in it: why, and a way in where there is one. */
export function doorPage(
  visit: Visit,
  room: string,
  { rules, bannedUntil }: Access,
  why: Refusal,
  sessions: Sessions,
): Response {
  const w = wordsOf(visit);
  const hasPassword = rules.kind === "password" && !rules.locked && bannedUntil === 0;
  const forms = hasPassword ? [passwordForm(visit, room)] : [];
  const card = { heading: w.door, alert: translate(why, visit.language), forms };
  return cardPage(visit, sessions, card, statusOf(why));
}

export function passwordForm(visit: Visit, room: string): Form {
  const w = wordsOf(visit);
  const secret = { type: "password", autocomplete: "current-password" } as const;
  const action = `${visit.root}rooms/${encodeURIComponent(room)}/password`;
  return form(action, w.goIn, { fields: [field("password", w.doorPassword, secret)] });
}
