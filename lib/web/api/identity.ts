import { Refusal } from "../../model/base/errors.ts";
import { SCOPES } from "../../model/people/grant.ts";
import { authorOf, type Person } from "../../model/people/person.ts";
import { ROLES } from "../../model/people/role.ts";
import type { Context } from "../http/context.ts";
import { component, choice, constant, list, object, text, whole } from "../openapi/schema.ts";
import { AUTHOR, LIMIT, MORE, NAME, ROOM, SKIP } from "../openapi/wire.ts";
import { operation } from "./operation.ts";

const READ = { limit: "read" } as const;
const FORM = { limit: "form" } as const;
const PATH = "/v1/tokens";
const ADMIN = { tag: "Identity", scope: "admin", isPersonal: true } as const;

const scopes = list("What it allows.", choice("A scope.", SCOPES), SCOPES.length);
const rooms = list("The only rooms it is good for; empty: all.", ROOM, 50);
const grant = { scopes, rooms };
const ME = component(
  "Caller",
  object(
    {
      kind: choice("`stranger`: neither a cookie nor a token; one's network stands for oneself.", [
        "stranger",
        "guest",
        "account",
        "bot",
      ]),
      id: text("The same for as long as it is the same person."),
      name: text("Empty: none."),
      role: choice("In every room.", ROLES),
    },
    { bot: constant(true), ...grant },
  ),
);
const TOKENS_PAGE = component(
  "TokenPage",
  object({
    tokens: list(
      "Newest first.",
      object({
        ...{ id: text("Of the token."), bot: AUTHOR, ...grant },
        createdAt: whole("Milliseconds since 1970."),
        usedAt: whole("When it was last used, to the hour; 0: never."),
      }),
    ),
    more: MORE,
  }),
);

export const IDENTITY = [
  operation({
    ...{ id: "getMe", method: "GET", path: "/v1/me", tag: "Identity", scope: null },
    summary: "Get the caller",
    answers: { 200: { about: "The caller.", schema: ME } },
    route: READ,
    handle({ context, caller: { person } }) {
      const { grant, isKnown, session } = context;
      const kind =
        person.id !== context.person.id || !isKnown
          ? "stranger"
          : grant
            ? "bot"
            : session === null
              ? "guest"
              : "account";
      const { role } = kind === "stranger" ? ({ role: "guest" } as const) : context.person;
      const who = { kind, ...authorOf(person.id, person.name), role };
      return { status: 200, body: { ...who, ...grant } };
    },
  }),
  operation({
    ...{ id: "listTokens", method: "GET", path: PATH, ...ADMIN },
    summary: "List tokens",
    query: { limit: LIMIT, skip: SKIP, q: text("A part of the bot's name, or of the token's id.") },
    answers: { 200: { about: "A page of them.", schema: TOKENS_PAGE } },
    route: READ,
    async handle({ context, query: { limit = 50, skip = 0, q = "" } }, { records }) {
      const admin = adminOf(context);
      if (admin instanceof Refusal) return admin;
      const found = await records.accounts.tokens(q, skip, limit + 1);
      const more = found.length > limit;
      const tokens = found.slice(0, limit).map(({ hash, bot, ...rest }) => {
        return { id: hash, bot: authorOf(bot.id, bot.name), ...rest };
      });
      return { status: 200, body: { tokens, more }, next: more ? { skip: skip + limit } : null };
    },
  }),
  operation({
    ...{ id: "createToken", method: "POST", path: PATH, ...ADMIN },
    summary: "Create a token",
    about: "The first token of a name creates the bot. Without scopes it has `read` and `post`.",
    body: object({ name: NAME }, grant),
    answers: {
      201: {
        about: "The token. It is told here alone.",
        schema: object({ id: text("Of the token."), bot: AUTHOR, token: text("Its secret.") }),
      },
    },
    route: FORM,
    async handle({ context, body: { name, scopes = [], rooms = [] } }, { chat }) {
      const admin = adminOf(context);
      if (admin instanceof Refusal) return admin;
      const wanted = scopes.length === 0 ? (["read", "post"] as const) : scopes;
      const issued = await chat.accounts.bots.issue(admin, name, { scopes: wanted, rooms });
      if (issued instanceof Refusal) return issued;
      const { hash, bot, secret } = issued;
      return { status: 201, body: { id: hash, bot, token: secret } };
    },
  }),
  operation({
    ...{ id: "endToken", method: "DELETE", path: `${PATH}/:id`, ...ADMIN },
    summary: "End a token",
    params: {
      id: text("Of the token, or its first 8 characters or more.", { least: 8, most: 64 }),
    },
    answers: { 204: { about: "It is not valid any more.", schema: null } },
    route: FORM,
    async handle({ context, params: { id } }, { chat }) {
      const admin = adminOf(context);
      if (admin instanceof Refusal) return admin;
      const token = await chat.accounts.bots.find(id);
      if (token instanceof Refusal) return token;
      await chat.accounts.bots.end(admin, token);
      return { status: 204 };
    },
  }),
];

function adminOf({ person }: Context): Person | Refusal {
  return person.role === "admin" ? person : new Refusal("adminsOnly");
}
