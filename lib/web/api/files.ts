import type { Chat } from "../../chat/chat.ts";
import { Refusal } from "../../model/base/errors.ts";
import { filePath, kindOf } from "../../model/files/file.ts";
import type { Files, StoredFile } from "../../model/files/files.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import { atLeast } from "../../model/people/role.ts";
import { callerOf } from "./caller.ts";
import { rangeOf } from "../http/range.ts";
import type { Context } from "../http/context.ts";
import { refusalResponse } from "../http/response.ts";
import type { Route } from "../http/router.ts";

export interface FileDeps {
  readonly chat: Pick<Chat, "moderation">;
  readonly files: Files;
  readonly now: () => number;
}

/** Smaller files arrive before any timeout. */
const LARGE = 256 * 1024;
/**
 * How long a slow reader has for what the system has buffered, a few MiB; the server's own ten
 * seconds are too short (oven-sh/bun#41602). Ends with the answer. 255 is the most Bun accepts.
 */
const SLOW_SECONDS = 255;

/** The same answer for files that are missing, erased, or not readable by the visitor. */
const NO_FILE = new Refusal("noSuchFile");

/** `GET /files/:id/:name`, for those who may read the file's room; `?thumb`: the thumbnail. */
export function fileRoutes(deps: FileDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/files/:id/:name",
      handle: async (context) => {
        const file = await fileFor(context, deps);
        return file instanceof Refusal ? file : answer(context, file, deps);
      },
      limit: "read",
      takesToken: true,
    },
  ];
}

async function fileFor(context: Context, deps: FileDeps): Promise<StoredFile | Refusal> {
  const { id = "", name = "" } = context.params;
  const { files, chat, now } = deps;
  const file = /^[0-9a-f]{32}$/.test(id) ? await files.find(id) : null;
  // Only under its own name, so that no link can claim it is something else.
  if (!file || file.info.name !== name) return NO_FILE;
  const caller = callerOf(context);
  if (caller instanceof Refusal) return caller;
  const access = await chat.moderation.accessLookup.of(caller, file.room);
  if (authorize(access, "enter", now())) {
    const { reports } = chat.moderation.commands;
    const isShown = file.seq !== null && (await reports.maySee(access, file.room, file.seq));
    return isShown ? file : NO_FILE;
  }
  if (file.seq === null) return file.author === caller.person.id ? file : NO_FILE;
  return file.isHidden && !atLeast(access.role, "moderator") ? NO_FILE : file;
}

async function answer(
  context: Context,
  file: StoredFile,
  { files }: FileDeps,
): Promise<Response | Refusal> {
  const { request } = context;
  const isThumb = file.thumb > 0 && context.url.searchParams.has("thumb");
  const size = isThumb ? file.thumb : file.info.size;
  const headers = headersOf(file, isThumb);
  const etag = headers.get("etag") ?? "";
  if (request.headers.get("if-none-match")?.includes(etag)) {
    return new Response(null, { status: 304, headers });
  }
  const range = rangeOf(request.headers, size, etag);
  if (range === "unsatisfiable") {
    const response = refusalResponse(new Refusal("rangeNotSatisfiable"), context.language);
    response.headers.set("content-range", `bytes */${size}`);
    return response;
  }
  const { start, end } = range ?? { start: 0, end: size };
  const bytes = await files.read(file, isThumb ? "thumb" : "whole", start, end);
  if (!bytes) return NO_FILE;
  if (range) headers.set("content-range", `bytes ${start}-${end - 1}/${size}`);
  if (end - start > LARGE) context.setTimeout(SLOW_SECONDS);
  return new Response(bytes, { status: range ? 206 : 200, headers });
}

/**
 * What is not certainly a picture, a sound or a film is downloaded, not opened; nothing in it can
 * run.
 */
function headersOf({ info }: StoredFile, isThumb: boolean): Headers {
  const { id, name, type } = info;
  const isShown = kindOf(type) !== "other";
  // HTTP headers are ASCII (RFC 6266, appendix D); `filename*` has the exact name.
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const how = isShown ? "inline" : "attachment";
  const exact = filePath({ id, name })
    .slice(`files/${id}/`.length)
    .replace(/['()*]/g, percent);
  return new Headers({
    "content-type": isThumb ? "image/webp" : isShown ? type : "application/octet-stream",
    "content-disposition": `${how}; filename="${ascii}"; filename*=UTF-8''${exact}`,
    "content-security-policy":
      "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    // The content never changes, but the right to read it may: no shared cache may store it.
    "cache-control": "private, max-age=31536000, immutable",
    "accept-ranges": "bytes",
    etag: `"${id}${isThumb ? "-thumb" : ""}"`,
  });
}

function percent(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;
}
