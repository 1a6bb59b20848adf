import { secretHash } from "../../chat/accounts/secrets.ts";
import type { Chat } from "../../chat/chat.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Records } from "../../model/records.ts";
import { roomName } from "../../model/rooms/room.ts";
import { cardPage, type DeskDeps, form, ownForm, wordsOf } from "./forms.ts";
import { passwordForm } from "./door.ts";
import { errorPage, type Visit } from "./pages.ts";
import { seeOther, statusOf } from "../http/response.ts";
import type { Router } from "../http/router.ts";
import { translate } from "../http/translate.ts";
import { greet, visitOf } from "./visits.ts";

export interface InviteDeps extends DeskDeps {
  readonly chat: Pick<Chat, "limits" | "moderation">;
  readonly records: Records;
  readonly now: () => number;
}

/** Adds the ways into closed rooms: invitation links, and passwords. */
export function addInvites(router: Router, deps: InviteDeps): void {
  const { sessions } = deps;
  router
    .on("GET", "/invite/:token", async (request, { token = "" }) => {
      const visit = visitOf(request, "../", sessions);
      return greet(await invitePage(visit, token, deps), visit, sessions);
    })
    .on("POST", "/invite/:token", async (request, { token = "" }) => {
      const visit = visitOf(request, "../", sessions);
      return greet(await goIn(visit, token, deps), visit, sessions);
    })
    .on("POST", "/rooms/:room/password", async (request, { room = "" }) => {
      const visit = visitOf(request, "../../", sessions);
      return greet(await tryPassword(visit, room, deps), visit, sessions);
    });
}

/**
 * Opening a link only shows where it leads: what previews links must not use it up. Going in is a
 * button.
 */
async function invitePage(visit: Visit, token: string, { sessions, records, now }: InviteDeps) {
  const w = wordsOf(visit);
  const invitation = await records.rooms.invitation(secretHash(token));
  const isValid =
    invitation !== null && invitation.revokedAt === null && invitation.expiresAt > now();
  if (!isValid) return cardPage(visit, sessions, { heading: w.inviteGone }, 404);
  return cardPage(visit, sessions, {
    heading: `${w.invitedTo} ${invitation.room}`,
    text: w.inviteText,
    forms: [form(`./${encodeURIComponent(token)}`, w.goIn)],
  });
}

async function goIn(visit: Visit, token: string, deps: InviteDeps): Promise<Response> {
  const { chat, sessions } = deps;
  const { id, name } = visit.person;
  const fields = await ownForm(visit, deps);
  const room =
    fields instanceof Refusal ? fields : await chat.moderation.rooms.redeem(token, { id, name });
  if (!(room instanceof Refusal)) return seeOther(`../rooms/${encodeURIComponent(room)}`);
  const heading = wordsOf(visit).inviteGone;
  return cardPage(
    visit,
    sessions,
    { heading, alert: translate(room, visit.language) },
    statusOf(room),
  );
}

async function tryPassword(visit: Visit, raw: string, deps: InviteDeps): Promise<Response> {
  const { chat, sessions, records } = deps;
  const room = roomName(raw);
  if (room === null) return errorPage(visit, 404);
  const { headers } = visit.request;
  const fields = await ownForm(visit, deps);
  const slow =
    fields instanceof Refusal
      ? fields
      : chat.limits.authAttempts.consume(`network ${sessions.network(headers)}`);
  const password = fields instanceof Refusal ? "" : (fields.get("password") ?? "");
  const key = slow ?? (await chat.moderation.rooms.unlock(room, password));
  if (key instanceof Refusal) {
    const w = wordsOf(visit);
    const forms = [passwordForm(visit, room)];
    const card = { heading: w.door, alert: translate(key, visit.language), forms };
    return cardPage(visit, sessions, card, statusOf(key));
  }
  const { id, name } = visit.person;
  // Who is more in this room stays that.
  if ((await records.rooms.membership(room, id)) === null) {
    await records.rooms.setMember(room, { id, name, role: "guest" }, null);
  }
  return seeOther(`../${encodeURIComponent(room)}`);
}
