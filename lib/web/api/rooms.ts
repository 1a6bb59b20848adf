import { Refusal } from "../../model/base/errors.ts";
import { authorize, refuseEntry } from "../../model/rooms/authorize.ts";
import { aboutOf } from "../../model/rooms/rules.ts";
import { component, list, object, text, whole } from "../openapi/schema.ts";
import { ABOUT, AUTHOR, LIMIT, MORE, PERSON, ROOM, SKIP } from "../openapi/wire.ts";
import { actorIn, countRead } from "./caller.ts";
import { operation } from "./operation.ts";
import { nothing } from "./reply.ts";

const READ = { limit: "read" } as const;
const COUNT = whole("People who are in the room now.");

const ROOMS_PAGE = component(
  "RoomPage",
  object({
    rooms: list("By name.", object({ room: text("Its name."), about: ABOUT, count: COUNT })),
    more: MORE,
  }),
);
const ROOM_INFO = component(
  "Room",
  object({
    room: text("Its name."),
    epoch: text("Changes when a backup was restored."),
    seq: whole("The last event; 0: nobody has written here."),
    about: ABOUT,
    count: COUNT,
    you: PERSON,
  }),
);
const PEOPLE = component(
  "People",
  object({
    people: list(
      "At most 200 of them; each person once, however many connections they have.",
      AUTHOR,
    ),
    count: COUNT,
  }),
);

export const ROOMS = [
  operation({
    ...{ id: "listRooms", method: "GET", path: "/v1/rooms", tag: "Rooms", scope: "read" },
    summary: "List rooms",
    about:
      "The rooms that the lobby shows. Any other name is a room too, from its first message on.",
    query: { limit: LIMIT, skip: SKIP },
    answers: { 200: { about: "A page of them.", schema: ROOMS_PAGE } },
    route: READ,
    async handle({ caller, query: { limit = 50, skip = 0 } }, deps) {
      const slow = countRead(caller, deps);
      if (slow) return slow;
      const { records, chat } = deps;
      const listed = await records.rooms.listed(skip + limit + 1);
      const page = listed.slice(skip, skip + limit);
      const rooms = page
        .filter(({ rules }) => rules.kind !== "direct" && !rules.locked)
        .map(({ room, rules }) => {
          return { room, about: aboutOf(rules), count: chat.live.board.countIn(room) };
        });
      const more = listed.length > skip + limit;
      return { status: 200, body: { rooms, more }, next: more ? { skip: skip + limit } : null };
    },
  }),
  operation({
    ...{ id: "getRoom", method: "GET", path: "/v1/rooms/:room", tag: "Rooms", scope: "read" },
    summary: "Get a room",
    params: { room: ROOM },
    answers: { 200: { about: "The room.", schema: ROOM_INFO } },
    route: READ,
    async handle({ caller, params: { room } }, deps) {
      const { chat, store, now } = deps;
      const slow = countRead(caller, deps);
      if (slow) return slow;
      const access = await chat.moderation.accessLookup.of(caller, room);
      const refusal = authorize(access, "enter", now());
      if (refusal) return refusal;
      const { id, name, bot } = caller.person;
      const you = { id, name, ...(bot ? { bot } : {}), role: access.role };
      const [seq, count] = [await store.head(room), chat.live.board.countIn(room)];
      const about = aboutOf(access.rules);
      return { status: 200, body: { room, epoch: store.epoch, seq, about, count, you } };
    },
  }),
  operation({
    ...{ id: "listPeople", method: "GET", path: "/v1/rooms/:room/people", tag: "Rooms" },
    scope: "read",
    summary: "List the people in a room",
    params: { room: ROOM },
    answers: { 200: { about: "Who is there, on any node.", schema: PEOPLE } },
    route: READ,
    async handle({ caller, params: { room } }, deps) {
      const { chat, now } = deps;
      const slow = countRead(caller, deps);
      if (slow) return slow;
      const access = await chat.moderation.accessLookup.of(caller, room);
      const refusal = authorize(access, "enter", now());
      return refusal ?? { status: 200, body: chat.moderation.commands.people(room) };
    },
  }),
  operation({
    ...{ id: "startTyping", method: "POST", path: "/v1/rooms/:room/typing", tag: "Rooms" },
    scope: "post",
    summary: "Tell that the caller types",
    about: "It ends by itself after some seconds, and with the message.",
    params: { room: ROOM },
    answers: { 204: { about: "The people in the room are told.", schema: null } },
    route: { limit: "write" },
    async handle({ caller, params: { room } }, deps) {
      const actor = await actorIn(caller, room, deps);
      if (actor instanceof Refusal) return actor;
      const { chat, now } = deps;
      const { author, access } = actor;
      const refusal =
        authorize(access, "post", now()) ?? chat.limits.floods.consume(author, access);
      if (!refusal) chat.live.announce(room, { type: "typing", person: author });
      return nothing(refusal);
    },
  }),
  operation({
    ...{ id: "joinRoom", method: "POST", path: "/v1/rooms/:room/join", tag: "Rooms" },
    ...{ scope: "read", isPersonal: true },
    summary: "Join a room by its password",
    about: "The caller is let in from then on, by any way, until the password changes.",
    params: { room: ROOM },
    body: object({ password: text("Of the room.", { most: 200 }) }),
    answers: { 204: { about: "The caller is let in.", schema: null } },
    route: { limit: "form" },
    async handle({ caller, params: { room }, body: { password } }, deps) {
      const { chat, records, now } = deps;
      const access = await chat.moderation.accessLookup.of(caller, room);
      const { rules } = access;
      // As if the password had been given: any other refusal stands.
      const door = refuseEntry({ ...access, admitted: true }, now());
      if (door) return door.refusal;
      if (rules.kind === "password" && !access.admitted) {
        const key = await chat.moderation.rooms.unlock(room, password, caller.network);
        if (key instanceof Refusal) return key;
        const { id, name } = caller.person;
        await records.rooms.setMember(room, { id, name, role: "guest" }, null);
      }
      const actor = await actorIn(caller, room, deps);
      return actor instanceof Refusal ? actor : { status: 204 };
    },
  }),
  operation({
    ...{ id: "useInvitation", method: "POST", path: "/v1/invitations/:token", tag: "Rooms" },
    ...{ scope: "read", isPersonal: true },
    summary: "Accept an invitation",
    params: { token: text("The last part of the invitation's link.", { least: 1, most: 100 }) },
    answers: {
      200: { about: "Where it leads.", schema: object({ room: text("The room's name.") }) },
    },
    route: { limit: "form" },
    async handle({ context: { grant }, caller: { person }, params: { token } }, { chat }) {
      // Where the link leads is not known before it is used.
      if (grant && grant.rooms.length > 0) return new Refusal("tokenRooms");
      const room = await chat.moderation.rooms.redeem(token, { id: person.id, name: person.name });
      return room instanceof Refusal ? room : { status: 200, body: { room } };
    },
  }),
];
