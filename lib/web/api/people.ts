import { Refusal } from "../../model/base/errors.ts";
import { decodePeople } from "../../model/wire/inbox.ts";
import { custom } from "../openapi/schema.ts";
import { NEW_MESSAGE, PAGE, PAGE_QUERY, POSTED } from "../openapi/messages.ts";
import { readMessages, sendMessage } from "./messages.ts";
import { operation } from "./operation.ts";

const OTHERS = custom(
  { type: "string", description: "The person's id, or the ids of several, separated by commas." },
  (value) => decodePeople(String(value).split(",")),
);
const TALK = {
  path: "/v1/people/:id/messages",
  tag: "Inbox",
  isPersonal: true,
  params: { id: OTHERS },
  about: "The answer has the name of the talk's room, by which its events can be streamed.",
} as const;

/** The caller's private talk with one person or several. */
export const TALKS = [
  operation({
    ...TALK,
    ...{ id: "listTalkMessages", method: "GET", scope: "read" },
    summary: "List messages of a private talk",
    query: PAGE_QUERY,
    answers: { 200: { about: "A page of its messages.", schema: PAGE } },
    route: { limit: "read" },
    async handle({ caller, params, query }, deps) {
      const room = deps.chat.moderation.talks.roomOf(caller.person.id, params.id);
      if ((await deps.records.rooms.rules(room)) === null) {
        const { epoch } = deps.store;
        return { status: 200, body: { room, epoch, messages: [], more: false } };
      }
      return readMessages(caller, room, query, deps);
    },
  }),
  operation({
    ...TALK,
    ...{ id: "postTalkMessage", method: "POST", scope: "post" },
    summary: "Post to a private talk",
    body: NEW_MESSAGE,
    answers: POSTED,
    route: { limit: "write" },
    async handle({ context: { grant }, caller, params, body }, deps) {
      const talker = { author: caller.person, isGuest: caller.session === null, grant };
      const place = await deps.chat.moderation.talks.open(talker, params.id);
      if (place instanceof Refusal) return place;
      return sendMessage(caller, place.room, body, deps);
    },
  }),
];
