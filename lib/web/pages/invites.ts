import { secretHash } from "../../chat/accounts/secrets.ts";
import type { Chat } from "../../chat/chat.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Records } from "../../model/records.ts";
import { roomName } from "../../model/rooms/room.ts";
import { cardPage, form, ownForm, wordsOf } from "./forms.ts";
import { passwordForm } from "./entry.ts";
import type { Context } from "../http/context.ts";
import { seeOther, statusOf } from "../http/response.ts";
import type { Answer, Route } from "../http/router.ts";
import { translate } from "../http/translate.ts";

export interface InviteDeps {
  readonly chat: Pick<Chat, "limits" | "moderation">;
  readonly records: Records;
  readonly now: () => number;
}

/** Entry to closed rooms: invitation links and passwords. */
export function inviteRoutes(deps: InviteDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/invite/:token",
      handle: (context) => invitePage(context, deps),
      limit: "page",
      greets: true,
    },
    {
      method: "POST",
      path: "/invite/:token",
      handle: (context) => goIn(context, deps),
      limit: "form",
      greets: true,
    },
    {
      method: "POST",
      path: "/rooms/:room/password",
      handle: (context) => tryPassword(context, deps),
      limit: "form",
      greets: true,
    },
  ];
}

/**
 * Opening a link only shows where it leads, so that link previews do not use it up. A button
 * enters.
 */
async function invitePage(context: Context, { records, now }: InviteDeps): Promise<Response> {
  const { token = "" } = context.params;
  const w = wordsOf(context);
  const invitation = await records.rooms.invitation(secretHash(token));
  const isValid =
    invitation !== null && invitation.revokedAt === null && invitation.expiresAt > now();
  if (!isValid) return cardPage(context, { heading: w.inviteGone }, 404);
  return cardPage(context, {
    here: `invite/${encodeURIComponent(token)}`,
    heading: `${w.invitedTo} ${invitation.room}`,
    text: w.inviteText,
    forms: [form(`./${encodeURIComponent(token)}`, w.goIn)],
  });
}

async function goIn(context: Context, { chat }: InviteDeps): Promise<Response> {
  const { token = "" } = context.params;
  const { id, name } = context.person;
  const fields = await ownForm(context);
  const room =
    fields instanceof Refusal ? fields : await chat.moderation.rooms.redeem(token, { id, name });
  if (!(room instanceof Refusal)) return seeOther(`../rooms/${encodeURIComponent(room)}`);
  const heading = wordsOf(context).inviteGone;
  return cardPage(context, { heading, alert: translate(room, context.language) }, statusOf(room));
}

async function tryPassword(context: Context, deps: InviteDeps): Promise<Answer> {
  const { chat, records } = deps;
  const room = roomName(context.params["room"] ?? "");
  if (room === null) return new Refusal("noSuchRoom");
  const fields = await ownForm(context);
  const key =
    fields instanceof Refusal
      ? fields
      : await chat.moderation.rooms.unlock(room, fields.get("password") ?? "", context.network);
  if (key instanceof Refusal) {
    const w = wordsOf(context);
    const forms = [passwordForm(context, room)];
    const card = { heading: w.door, alert: translate(key, context.language), forms };
    return cardPage(context, card, statusOf(key));
  }
  const { id, name } = context.person;
  // A higher role in this room is kept.
  if ((await records.rooms.membership(room, id)) === null) {
    await records.rooms.setMember(room, { id, name, role: "guest" }, null);
  }
  return seeOther(`../${encodeURIComponent(room)}`);
}
