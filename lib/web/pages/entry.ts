import type { Refusal } from "../../model/base/errors.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import { cardPage, field, type Form, form, wordsOf } from "./forms.ts";
import type { Context } from "../http/context.ts";
import { statusOf } from "../http/response.ts";
import { translate } from "../http/translate.ts";

/**
 * The page of a room for a visitor who may not enter: the reason, and the password form if that
 * helps.
 */
export function entryPage(
  context: Context,
  room: string,
  { rules, bannedUntil }: Access,
  why: Refusal,
): Response {
  const w = wordsOf(context);
  const hasPassword = rules.kind === "password" && !rules.locked && bannedUntil === 0;
  const forms = hasPassword ? [passwordForm(context, room)] : [];
  const here = `rooms/${encodeURIComponent(room)}`;
  const card = { here, heading: w.door, alert: translate(why, context.language), forms };
  return cardPage(context, card, statusOf(why));
}

export function passwordForm(context: Context, room: string): Form {
  const w = wordsOf(context);
  const secret = { type: "password", autocomplete: "current-password" } as const;
  const action = `${context.root}rooms/${encodeURIComponent(room)}/password`;
  return form(action, w.goIn, { fields: [field("password", w.doorPassword, secret)] });
}
