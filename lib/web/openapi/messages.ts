import { Refusal } from "../../model/base/errors.ts";
import { MOST_FILES } from "../../model/files/file.ts";
import { isEmoji } from "../../model/wire/check.ts";
import { isFiles } from "../../model/wire/frame.ts";
import { component, custom, list, object, text, whole } from "./schema.ts";
import { LIMIT, MESSAGE, MESSAGE_ID, MORE, NAME, SEQ, WORDS } from "./wire.ts";

export const PAGE_QUERY = {
  after: whole("Messages after this `seq`, the first of them first."),
  before: whole("Messages before this `seq`; without it, the last ones."),
  limit: LIMIT,
  q: text(
    "Words to search for. Chinese, Japanese, Korean and Thai are found by any part of a word.",
  ),
};
export const PAGE = component(
  "MessagePage",
  object({
    room: text("The room's name."),
    epoch: text(
      "Changes when a backup was restored: numbers seen before may then mean something else.",
    ),
    messages: list("Oldest first, as they now stand.", MESSAGE),
    more: MORE,
  }),
);
export const NEW_MESSAGE = component(
  "NewMessage",
  object(
    {},
    {
      text: WORDS,
      id: MESSAGE_ID,
      name: NAME,
      replyTo: SEQ,
      files: custom(
        {
          type: "array",
          description:
            "Ids of what the caller has uploaded to this room. The text may then be left out.",
          items: { type: "string" },
          maxItems: MOST_FILES,
          uniqueItems: true,
        },
        (value) => (isFiles(value) ? value : new Refusal("fileIds", { count: MOST_FILES })),
      ),
    },
  ),
);
export const POSTED = {
  201: { about: "The message.", schema: MESSAGE },
  200: { about: "The same `id` again: the first message of that `id`.", schema: MESSAGE },
};
export const EMOJI = custom({ type: "string", description: "One emoji." }, (value) =>
  typeof value === "string" && isEmoji(value) ? value : new Refusal("oneEmoji"),
);
