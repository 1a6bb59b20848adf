import type { Chat } from "../../chat/chat.ts";
import { runTyped } from "../../chat/moderation/typed.ts";
import type { Typed } from "../../model/rooms/commands.ts";
import { Refusal } from "../../model/base/errors.ts";
import { refuseEntry, type Access } from "../../model/rooms/authorize.ts";
import { cardPage, wordsOf } from "./forms.ts";
import { catalogue } from "../http/languages.ts";
import type { Context } from "../http/context.ts";
import { statusOf } from "../http/response.ts";
import { translate } from "../http/translate.ts";

export interface CommandFormDeps {
  readonly chat: Pick<Chat, "limits" | "live" | "moderation">;
  readonly now: () => number;
}

/** Runs a command sent by a page without scripts, and shows its answer on a page. */
export async function answerCommand(
  context: Context,
  room: string,
  access: Access,
  typed: Exclude<Typed, { kind: "text" }>,
  /** The page that sent it, below the base path. */
  back: string,
  { chat, now }: CommandFormDeps,
): Promise<Response> {
  const { person, language, baseUrl } = context;
  const author = { id: person.id, name: person.name };
  let name = author.name;
  const rename = async (chosen: string) => {
    if (await chat.live.names.isTaken(room, { id: author.id, name: chosen })) return false;
    name = chosen;
    return true;
  };
  const link = (path: string) => baseUrl + path;
  const run = () => {
    const caller = { author, room, access, words: catalogue(language), rename };
    return runTyped(typed, caller, { ...chat.moderation.commands, link });
  };
  const refusal = refuseEntry(access, now())?.refusal ?? chat.limits.floods.consume(author, access);
  const answer = refusal ?? (await run());
  const isNo = answer instanceof Refusal;
  const card = {
    heading: `/${typed.name}`,
    text: isNo ? "" : answer.map(({ text }) => text).join("\n"),
    alert: isNo ? translate(answer, language) : "",
    back,
    backLabel: wordsOf(context).back,
  };
  const response = cardPage(context, card, isNo ? statusOf(answer) : 200);
  if (name !== author.name && person.role === "guest") {
    response.headers.append("set-cookie", context.sessions.issue({ id: author.id, name }));
  }
  return response;
}
