import type { Post } from "../../chat/messages/post.ts";
import { secretHash } from "../../chat/accounts/secrets.ts";
import type { Standings } from "../../chat/moderation/access.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Standing } from "../../model/rooms/authorize.ts";
import type { Records } from "../../model/records.ts";
import { hookMessage } from "../../model/wire/slack.ts";
import type { Token } from "../../model/people/token.ts";
import { isForm } from "../http/body.ts";
import { postMessage } from "./post.ts";
import { refusalResponse } from "../http/response.ts";
import type { Router } from "../http/router.ts";
import { takeForm, type UploadParts } from "./uploads.ts";

export interface HookParts extends Pick<UploadParts, "uploads" | "observer"> {
  readonly records: Records;
  readonly standings: Standings;
  readonly post: Post;
  readonly now: () => number;
  readonly newId: () => string;
}

/**
 * Adds `POST /hooks/:token`: what posts to Slack's incoming webhooks posts here; beside it a form
 * (`multipart/form-data`) with `text` and up to ten `file`.
 */
export function addHooks(router: Router, parts: HookParts): void {
  router.on("POST", "/hooks/:token", async (request, { token = "" }) => {
    const refusal = await say(request, token, parts);
    return refusal ? refusalResponse(refusal) : new Response("ok");
  });
}

async function say(request: Request, secret: string, parts: HookParts): Promise<Refusal | null> {
  const { records, standings, post, now, newId } = parts;
  const token = await records.tokens.find(secretHash(secret));
  if (!token) return new Refusal("not_found", "There is no such hook.");
  const { room } = token;
  const standing = await standingOf(token, standings);
  const bot = { author: { id: botOf(token), name: token.name }, room, standing };
  const form = isForm(request) ? await takeForm(request, bot, parts) : null;
  if (form instanceof Refusal) return form;
  const message = hookMessage(form ? { text: form.text } : await payloadOf(request));
  if (message instanceof Refusal) return message;
  const author = { ...bot.author, name: message.name ?? token.name };
  const draft = {
    type: "message",
    id: newId(),
    room,
    author,
    text: message.text,
    at: now(),
    ...(form && form.files.length > 0 ? { files: form.files.map((file) => file.id) } : {}),
  } as const;
  const result = await postMessage(post, draft, standing);
  return result instanceof Refusal ? result : null;
}

/** JSON, or a form's `payload` that is; undefined for anything else. */
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

/** People's ids have no colon, and one token's messages are one author's. */
function botOf({ hash }: Token): string {
  return `bot:${hash.slice(0, 16)}`;
}

/** An administrator let it into this room; read-only, archived and locked rooms are so for it too. */
async function standingOf(token: Token, standings: Standings): Promise<Standing> {
  return {
    role: "member",
    admitted: true,
    bannedUntil: 0,
    mutedUntil: 0,
    reason: "",
    rules: await standings.rules(token.room),
    place: botOf(token),
  };
}
