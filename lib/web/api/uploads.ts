import type { Actor } from "../../chat/moderation/moderate.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Upload } from "../../chat/files/uploads.ts";
import { Refusal } from "../../model/base/errors.ts";
import { type FileInfo, MOST_FILES } from "../../model/files/file.ts";
import { authorOf } from "../../model/people/person.ts";
import type { Observer } from "../../model/base/observer.ts";
import { BrokenOff, isForm, lengthOf, patiently } from "../http/body.ts";
import type { Context } from "../http/context.ts";
import { text } from "../openapi/schema.ts";
import { FILE, ROOM } from "../openapi/wire.ts";
import type { ApiDeps, Caller } from "./caller.ts";
import { operation } from "./operation.ts";

const BINARY = { type: "string", format: "binary" };

export const UPLOADS = [
  operation({
    ...{ id: "uploadFile", method: "POST", path: "/v1/rooms/:room/files", tag: "Files" },
    scope: "post",
    summary: "Upload a file",
    about: "Its id can then be sent in a message to the same room, by the same caller, once.",
    params: { room: ROOM },
    query: { name: text("Of the file, where the body is the file itself.") },
    rawBody: {
      "application/octet-stream": BINARY,
      "multipart/form-data": {
        type: "object",
        properties: { file: BINARY },
        required: ["file"],
      },
    },
    answers: { 201: { about: "What a message will say of it.", schema: FILE } },
    route: { limit: "upload", upload: "any" },
    servesPage: true,
    async handle({ context, caller, params }, deps) {
      const taken = await upload(context, caller, params.room, deps);
      return taken instanceof Refusal ? taken : { status: 201, body: taken };
    },
  }),
];

async function upload(
  context: Context,
  caller: Caller,
  room: string,
  deps: ApiDeps,
): Promise<FileInfo | Refusal> {
  const { chat } = deps;
  const { request } = context;
  // Another site's page may post as a stranger, but must not fill the disk through its visitors.
  if (context.entry !== "person") return new Refusal("crossSite");
  const access = await chat.moderation.accessLookup.of(caller, room);
  const author = authorOf(caller.person.id, caller.person.name);
  const actor = { author, room, access };
  if (!isForm(request)) {
    const length = lengthOf(request);
    if (length === null) return new Refusal("lengthRequired");
    const admission = chat.files.admit(actor, length);
    if (admission instanceof Refusal) return admission;
    using _ = admission;
    const name = context.url.searchParams.get("name") ?? "";
    const content = patiently(request.body ?? new ReadableStream(), length);
    return await whole(deps.observer, () => admission.accept({ name, size: length, content }));
  }
  const taken = await takeForm(request, actor, deps);
  if (taken instanceof Refusal) return taken;
  const [only, another] = taken.files;
  if (only && !another) return only;
  return new Refusal("oneFileField");
}

/** A form from a page without scripts: its text, and its stored files. */
export interface Filled {
  readonly text: string;
  readonly files: readonly FileInfo[];
}

/** Stores the files of a form, which is in memory. */
export async function takeForm(
  request: Request,
  actor: Actor,
  { chat, observer }: { readonly chat: Pick<Chat, "files">; readonly observer: Observer },
): Promise<Filled | Refusal> {
  return await whole(observer, async () => {
    const form = await formOf(request);
    const text = form.get("text");
    const given = form.getAll("file").filter((each): each is File => each instanceof File);
    // A file field left empty is sent as an empty file.
    const files = given.filter(({ size }) => size > 0);
    if (files.length > MOST_FILES) {
      return new Refusal("fileLimit", { count: MOST_FILES });
    }
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const admission = size > 0 ? chat.files.admit(actor, size) : null;
    if (admission instanceof Refusal) return admission;
    using _ = admission;
    const taken: FileInfo[] = [];
    for (const file of files) {
      const upload: Upload = { name: file.name, size: file.size, content: file.stream() };
      const result = await admission?.accept(upload);
      if (result instanceof Refusal) return result;
      if (result) taken.push(result);
    }
    return { text: typeof text === "string" ? text : "", files: taken };
  });
}

async function formOf(body: Request): Promise<FormData> {
  try {
    return await body.formData();
  } catch (fault) {
    throw new BrokenOff(String(fault));
  }
}

/** Turns a body that broke off, or is not a form, into a refusal. */
async function whole<T>(observer: Observer, take: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await take();
  } catch (fault) {
    if (!(fault instanceof BrokenOff)) throw fault;
    observer.log("info", "upload broken off", { fault: String(fault) });
    return new Refusal("uploadBroken");
  }
}
