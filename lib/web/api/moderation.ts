import { onlyAsks, runRequest } from "../../chat/moderation/requests.ts";
import { Refusal } from "../../model/base/errors.ts";
import { ROLES } from "../../model/people/role.ts";
import {
  GIVEN_ROLES,
  type ModerationRequest,
  REASON_LIMIT,
  VERBS,
} from "../../model/wire/moderation.ts";
import type { Context } from "../http/context.ts";
import { catalogue } from "../http/languages.ts";
import { CARD, DONE, REPORTS, RULES, SETTABLE } from "../openapi/moderation.ts";
import { choice, constant, flag, object, record, text, whole } from "../openapi/schema.ts";
import { PERSON_ID, ROOM, SEQ } from "../openapi/wire.ts";
import { actorIn, type ApiDeps, type Caller, countRead } from "./caller.ts";
import { operation } from "./operation.ts";
import type { Reply } from "./reply.ts";

const READ = { limit: "read" } as const;
const WRITE = { limit: "write" } as const;
const HERE = { room: ROOM };
const BASE = "/v1/rooms/:room";
const REASON = text("Why.", { most: REASON_LIMIT });

export const MODERATION = [
  operation({
    ...{ id: "getRules", method: "GET", path: `${BASE}/rules`, tag: "Moderation", scope: "read" },
    summary: "Get a room's rules",
    params: HERE,
    answers: { 200: { about: "Its rules.", schema: RULES } },
    route: READ,
    handle: (call, deps) => run(call, deps, { type: "rules" }),
  }),
  operation({
    ...{ id: "changeRules", method: "PATCH", path: `${BASE}/rules`, tag: "Moderation" },
    scope: "moderate",
    summary: "Change a room's rules",
    about: "What is left out stays as it is.",
    params: HERE,
    body: object(
      {},
      {
        ...SETTABLE,
        kind: choice("Who comes in.", ["open", "password", "members"]),
        password: text("Of a room of the kind `password`.", { most: 200 }),
      },
    ),
    answers: DONE,
    route: WRITE,
    handle: (call, deps) => run(call, deps, { type: "set", ...call.body }),
  }),
  operation({
    ...{ id: "listRoles", method: "GET", path: `${BASE}/roles`, tag: "Moderation", scope: "read" },
    summary: "List the moderators of a room",
    params: HERE,
    answers: {
      200: {
        about: "Who is more than a member.",
        schema: object({
          type: constant("roles"),
          roles: record("By the person's id.", choice("A role.", ROLES)),
        }),
      },
    },
    route: READ,
    handle: (call, deps) => run(call, deps, { type: "roles" }),
  }),
  operation({
    ...{
      id: "getPerson",
      method: "GET",
      path: `${BASE}/people/:id`,
      tag: "Moderation",
      scope: "read",
    },
    summary: "Get a person",
    params: { ...HERE, id: PERSON_ID },
    answers: { 200: { about: "The person, and what the caller may do to them.", schema: CARD } },
    route: READ,
    handle: (call, deps) => run(call, deps, { type: "person", id: call.params.id }),
  }),
  operation({
    ...{
      id: "moderatePerson",
      method: "POST",
      path: `${BASE}/people/:id/moderate`,
      tag: "Moderation",
    },
    scope: "moderate",
    summary: "Moderate a person",
    about: "Mutes, kicks, bans, deletes all messages, or gives a role; and takes that back.",
    params: { ...HERE, id: PERSON_ID },
    body: object(
      { verb: choice("What to do.", VERBS) },
      {
        seconds: whole("Of a mute or a ban; without it, until it is lifted.", 1, 315_360_000),
        reason: REASON,
        everywhere: flag("In every room; for administrators."),
        address: flag("The network address too, and every guest who comes from there."),
        role: choice("With the verb `role`.", GIVEN_ROLES),
      },
    ),
    answers: DONE,
    route: WRITE,
    handle: (call, deps) =>
      run(call, deps, { type: "moderate", person: call.params.id, ...call.body }),
  }),
  ...(["PUT", "DELETE"] as const).map((method) =>
    operation({
      ...{ id: method === "PUT" ? "pinMessage" : "unpinMessage", method, tag: "Moderation" },
      ...{ path: `${BASE}/pins/:seq`, scope: "moderate" },
      summary: method === "PUT" ? "Pin a message" : "Unpin a message",
      params: { ...HERE, seq: SEQ },
      answers: DONE,
      route: WRITE,
      handle: (call, deps) =>
        run(call, deps, { type: "pin", seq: call.params.seq, on: method === "PUT" }),
    }),
  ),
  operation({
    ...{ id: "reportMessage", method: "POST", path: `${BASE}/reports`, tag: "Moderation" },
    scope: "post",
    summary: "Report a message",
    params: HERE,
    body: object({ seq: SEQ }, { reason: REASON }),
    answers: DONE,
    route: WRITE,
    handle: (call, deps) => run(call, deps, { type: "report", ...call.body }),
  }),
  operation({
    ...{ id: "listReports", method: "GET", path: `${BASE}/reports`, tag: "Moderation" },
    scope: "moderate",
    summary: "List a room's open reports",
    params: HERE,
    answers: { 200: { about: "The reports.", schema: REPORTS } },
    route: READ,
    handle: (call, deps) => run(call, deps, { type: "reports" }),
  }),
  operation({
    ...{ id: "settleReport", method: "POST", path: `${BASE}/reports/:id`, tag: "Moderation" },
    scope: "moderate",
    summary: "Settle a report",
    params: { ...HERE, id: whole("Of the report.", 1) },
    body: object({ state: choice("`upheld` deletes the message.", ["upheld", "dismissed"]) }),
    answers: DONE,
    route: WRITE,
    handle: (call, deps) => run(call, deps, { type: "settle", id: call.params.id, ...call.body }),
  }),
  operation({
    ...{ id: "invite", method: "POST", path: `${BASE}/invitations`, tag: "Moderation" },
    scope: "moderate",
    summary: "Create an invitation",
    params: HERE,
    body: object({ days: whole("How long it works.", 1), uses: whole("How often.", 1) }),
    answers: DONE,
    route: WRITE,
    handle: (call, deps) => run(call, deps, { type: "invite", ...call.body }),
  }),
];

interface Asked {
  readonly context: Context;
  readonly caller: Caller;
  readonly params: { readonly room: string };
}

/** Runs the frame of the same name, as a socket of the room would. */
async function run(
  { context, caller, params: { room } }: Asked,
  deps: ApiDeps,
  request: ModerationRequest,
): Promise<Reply | Refusal> {
  const { chat } = deps;
  const actor = await actorIn(caller, room, deps);
  if (actor instanceof Refusal) return actor;
  const slow = onlyAsks(request)
    ? countRead(caller, deps)
    : chat.limits.floods.consume(actor.author, actor.access);
  if (slow) return slow;
  const orderer = { ...actor, words: catalogue("en") };
  const link = (path: string) => context.baseUrl + path;
  const answer = await runRequest(request, orderer, { ...chat.moderation.commands, link });
  return answer instanceof Refusal ? answer : { status: 200, body: answer };
}
