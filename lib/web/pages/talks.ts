import { Refusal } from "../../model/base/errors.ts";
import { decodePeople } from "../../model/wire/inbox.ts";
import { talkPath } from "../../model/rooms/rules.ts";
import { cardPage, form, wordsOf } from "./forms.ts";
import type { Context } from "../http/context.ts";
import { catalogue } from "../http/languages.ts";
import { seeOther } from "../http/response.ts";
import type { Answer, Route } from "../http/router.ts";
import { sendTo, showRoom, type VisitDeps } from "./visits.ts";

/** The pages of private talks, by the ids of their other people, separated by commas. */
export function talkRoutes(deps: VisitDeps): readonly Route[] {
  const path = "/people/:ids";
  return [
    {
      ...{ method: "GET", path, limit: "page", greets: true },
      handle: (context) => showTalk(context, deps),
    },
    {
      ...{ method: "POST", path, limit: "form", upload: "multipart" },
      handle: (context) => sendToTalk(context, deps),
    },
  ];
}

/** A talk that was not begun yet is begun with a button: following a link changes nothing. */
async function showTalk(context: Context, deps: VisitDeps): Promise<Answer> {
  const others = othersOf(context);
  if (others instanceof Refusal) return others;
  const room = deps.chat.moderation.talks.roomOf(context.person.id, others);
  if ((await deps.records.rooms.rules(room)) !== null) return showRoom(context, room, deps, true);
  const names = await deps.records.inbox.names(others);
  if (names.size < others.length || names.has("")) return new Refusal("noSuchPerson");
  const { page } = catalogue(context.language);
  return cardPage(context, {
    here: pathOf(others),
    heading: page.privateTalk,
    text: [...names.values()].join(", "),
    forms: [form(`../${pathOf(others)}`, wordsOf(context).goIn)],
  });
}

async function sendToTalk(context: Context, deps: VisitDeps): Promise<Answer> {
  if (context.entry !== "person") return new Refusal("crossSite");
  const others = othersOf(context);
  if (others instanceof Refusal) return others;
  const talker = { author: context.person, isGuest: context.session === null };
  const place = await deps.chat.moderation.talks.open(talker, others);
  if (place instanceof Refusal) return place;
  return place.isNew
    ? seeOther(`../${pathOf(others)}`)
    : sendTo(context, place.room, pathOf(others), deps);
}

function othersOf({ params, person }: Context): readonly string[] | Refusal {
  const { ids = "" } = params;
  const others = decodePeople(ids.split(","));
  const isSelf = !(others instanceof Refusal) && others.includes(person.id);
  return isSelf ? new Refusal("yourself") : others;
}

function pathOf(others: readonly string[]): string {
  return talkPath(others.map((id) => ({ id })));
}
