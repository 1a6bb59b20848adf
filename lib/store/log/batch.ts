import type { Message } from "../../model/wire/event.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Appended, Draft, MessageDraft } from "../../model/store.ts";
import { asNumber, asText, type Repeatable } from "../database/database.ts";
import { NO_MESSAGE } from "./changes.ts";
import { packBody, toEvent } from "./rows.ts";

type Result = Appended | Refusal;

/** Whether `appendBatch` can store the drafts: messages without files. */
export function isBatch(drafts: readonly Draft[]): drafts is readonly MessageDraft[] {
  return drafts.every((draft) => draft.type === "message" && draft.files === undefined);
}

/**
 * `Store.append` of messages by one statement of PostgreSQL: no room stays locked for a round trip
 * between the node and the database. The function is in `append-messages.ts`.
 */
export async function appendBatch(
  repeatable: Repeatable,
  drafts: readonly MessageDraft[],
): Promise<readonly Result[]> {
  const places = new Map<string, number>();
  const rooms = new Map<string, number>();
  for (const [place, draft] of drafts.entries()) {
    const key = keyOf(draft);
    if (!places.has(key)) places.set(key, place);
    if (!rooms.has(draft.room)) rooms.set(draft.room, draft.at);
  }
  const fields = [...places.values()].map((place) => fieldsOf(drafts, place));
  const opened = [...rooms].map(([name, at]) => ({ name, at }));
  const { rows, tries } = await repeatable(
    `SELECT place, seq, stored FROM append_messages(?1::text::json, ?2::text::json)`,
    [JSON.stringify(opened), JSON.stringify(fields)],
  );
  const results = new Map<number, Result>();
  for (const row of rows) {
    const place = asNumber(row["place"]);
    const draft = drafts[place];
    if (!draft) throw new TypeError("the database answered for a message nobody sent");
    if (row["stored"] === null) {
      const event = eventOf(draft, asNumber(row["seq"]));
      results.set(place, { event, again: false });
    } else {
      const event = toEvent(JSON.parse(asText(row["stored"])));
      // Stored by an earlier try whose answer was lost: nobody has received it yet.
      const isOwn = tries > 1 && event.type === "message" && event.at === draft.at;
      results.set(place, { event, again: !isOwn });
    }
  }
  return drafts.map((draft, place) => {
    const first = places.get(keyOf(draft)) ?? place;
    const result = results.get(first) ?? NO_MESSAGE;
    return first === place || result instanceof Refusal ? result : { ...result, again: true };
  });
}

/** No part contains U+0000. */
function keyOf({ room, author, id }: MessageDraft): string {
  return `${room}\0${author.id}\0${id}`;
}

function fieldsOf(drafts: readonly MessageDraft[], place: number) {
  const draft = drafts[place];
  if (!draft) throw new TypeError("no such draft");
  const { room, author, id, at, text, html, replyTo } = draft;
  const body = packBody({
    ...(html === undefined ? {} : { html }),
    ...(replyTo === undefined ? {} : { replyTo }),
  });
  const sent = { place, room, at, author: author.id, name: author.name, id, text };
  return {
    ...sent,
    ...(body === null ? {} : { body }),
    ...(replyTo === undefined ? {} : { reply: replyTo }),
  };
}

function eventOf({ id, author, text, at, replyTo, html }: MessageDraft, seq: number): Message {
  const reply = replyTo === undefined ? {} : { replyTo };
  const markup = html === undefined ? {} : { html };
  return { type: "message", seq, id, author, text, at, ...reply, ...markup };
}
