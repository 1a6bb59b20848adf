import { Refusal } from "../../model/base/errors.ts";
import { decodePeople } from "../../model/wire/inbox.ts";
import type { Context } from "../http/context.ts";
import type { Route } from "../http/router.ts";
import { type ApiDeps, readMessages, sendMessage } from "./api.ts";
import { personOf } from "./inbox.ts";

/**
 * `/api/v1/people/:id/messages`: the caller's private talk with a person, or with several, whose ids
 * are separated by commas. It is read and written as a room is.
 */
export function peopleRoutes(deps: ApiDeps): readonly Route[] {
  const path = "/api/v1/people/:id/messages";
  return [
    {
      method: "GET",
      path,
      handle: (context) => readTalk(context, deps),
      limit: "read",
      api: true,
      takesToken: true,
    },
    {
      method: "POST",
      path,
      handle: (context) => writeTo(context, deps),
      limit: "write",
      api: true,
      takesToken: true,
    },
  ];
}

function othersOf({ params }: Context): readonly string[] | Refusal {
  return decodePeople((params["id"] ?? "").split(","));
}

async function readTalk(context: Context, deps: ApiDeps): Promise<Response | Refusal> {
  const caller = personOf(context);
  if (caller instanceof Refusal) return caller;
  const others = othersOf(context);
  if (others instanceof Refusal) return others;
  const room = deps.chat.moderation.talks.roomOf(caller.person.id, others);
  if ((await deps.records.rooms.rules(room)) === null) {
    const { epoch } = deps.store;
    const empty = { room, epoch, messages: [], more: false };
    return Response.json(empty, { headers: { "cache-control": "no-store" } });
  }
  return readMessages({ ...context, params: { room } }, deps);
}

async function writeTo(context: Context, deps: ApiDeps): Promise<Response | Refusal> {
  const caller = personOf(context);
  if (caller instanceof Refusal) return caller;
  const others = othersOf(context);
  if (others instanceof Refusal) return others;
  const talker = { author: caller.person, isGuest: caller.session === null };
  const place = await deps.chat.moderation.talks.open(talker, others);
  if (place instanceof Refusal) return place;
  return sendMessage({ ...context, params: { room: place.room } }, deps);
}
