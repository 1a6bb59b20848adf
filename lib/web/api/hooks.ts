import type { Chat } from "../../chat/chat.ts";
import type { Observer } from "../../model/base/observer.ts";
import { secretHash } from "../../chat/accounts/secrets.ts";
import { programName } from "../../chat/accounts/names.ts";
import { Refusal } from "../../model/base/errors.ts";
import { authorOf, botId } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { hookMessage } from "../../model/wire/slack.ts";
import type { Token } from "../../model/people/token.ts";
import { isForm } from "../http/body.ts";
import { postDraft } from "../../chat/messages/post-draft.ts";
import type { Context } from "../http/context.ts";
import type { Route } from "../http/router.ts";
import { takeForm } from "./uploads.ts";

export interface HookDeps {
  readonly chat: Pick<Chat, "messages" | "moderation" | "files">;
  readonly records: Records;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
}

/**
 * `POST /hooks/:token`: compatible with Slack's incoming webhooks, and also accepts a form
 * (`multipart/form-data`) with `text` and up to ten `file`s.
 */
export function hookRoutes(deps: HookDeps): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/hooks/:token",
      handle: async (context) => (await say(context, deps)) ?? new Response("ok"),
      limit: "write",
      api: true,
      identity: false,
      upload: "multipart",
    },
  ];
}

async function say({ request, params }: Context, deps: HookDeps): Promise<Refusal | null> {
  const { records, chat, now, newId } = deps;
  const token = await records.tokens.find(secretHash(params["token"] ?? ""));
  if (!token) return new Refusal("noSuchHook");
  const { room } = token;
  const access = await chat.moderation.accessLookup.ofProgram(botOf(token), room);
  const bot = { author: authorOf(botOf(token), token.name), room, access };
  const form = isForm(request) ? await takeForm(request, bot, deps) : null;
  if (form instanceof Refusal) return form;
  const message = hookMessage(form ? { text: form.text } : await payloadOf(request));
  if (message instanceof Refusal) return message;
  const names = message.name === null ? [token.name] : [message.name, token.name];
  const author = { ...bot.author, name: await programName(records, names) };
  const draft = {
    type: "message",
    id: newId(),
    room,
    author,
    text: message.text,
    at: now(),
    ...(form && form.files.length > 0 ? { files: form.files.map((file) => file.id) } : {}),
  } as const;
  const result = await postDraft(chat.messages.post, draft, access);
  return result instanceof Refusal ? result : null;
}

/** JSON, or JSON in a form's `payload`; undefined for anything else. */
async function payloadOf(request: Request): Promise<unknown> {
  const body = await request.text();
  const isForm = request.headers
    .get("content-type")
    ?.startsWith("application/x-www-form-urlencoded");
  try {
    return JSON.parse(isForm ? (new URLSearchParams(body).get("payload") ?? "") : body);
  } catch {
    return undefined;
  }
}

/** The author id of a hook; the same for all messages of one token. */
function botOf({ hash }: Token): string {
  return botId(hash.slice(0, 16));
}
