import { Refusal } from "../../model/base/errors.ts";
import type { Appended, DeleteDraft, EditDraft, ReactDraft } from "../../model/store.ts";
import { asNumber, asText, type Queries, type Row } from "../database/database.ts";
import { writeAudit } from "../database/audit.ts";
import { dropFiles, hideFiles } from "../files/files.ts";
import { eraseSettledReports } from "./reported.ts";
import { forgetTerms } from "./search-index.ts";
import {
  type Body,
  bodyOf,
  type Content,
  EVENT_COLUMNS,
  isDamaged,
  LOG_COLUMNS,
  packBody,
  summed,
  sumOf,
  toEdited,
  toEvent,
} from "./rows.ts";

/** A room inside a transaction. `seq` is ahead of the row until the end. */
export interface OpenRoom {
  readonly id: number;
  readonly before: number;
  seq: number;
}

/** The most different emoji on one message. */
const MOST_EMOJI = 20;
export const NO_MESSAGE = new Refusal("noSuchMessage");

/** The message's row, or undefined if there is none, it was deleted, or it cannot be read. */
export async function findMessage(
  tx: Queries,
  room: OpenRoom,
  seq: number,
): Promise<Row | undefined> {
  const [row] = await tx.all(
    `SELECT position, ${EVENT_COLUMNS} FROM events
      WHERE room = ?1 AND seq = ?2 AND type = 'message'`,
    [room.id, seq],
  );
  if (!row || isDamaged(row)) return undefined;
  return bodyOf(row).deleted ? undefined : row;
}

export type ChangeDraft = EditDraft | DeleteDraft | ReactDraft;

/** What a change depends on, before any change of its run. */
interface Known {
  /** The message, if it exists and is not deleted. */
  readonly message: Row | undefined;
  /** The event of the author's present reaction, if any. */
  readonly mine: Row | undefined;
  /** The number of other emoji on the message. */
  readonly others: number;
}

/**
 * Makes the changes of a run, and adds them to the log in order, in two round trips, one to read
 * and one to write: other nodes may be waiting for the rooms.
 */
export async function appendChanges(
  tx: Queries,
  rooms: ReadonlyMap<string, OpenRoom>,
  drafts: readonly ChangeDraft[],
): Promise<readonly (Appended | Refusal)[]> {
  const looks = drafts.map(async (draft) => {
    const room = rooms.get(draft.room);
    return { draft, room, known: room && (await look(tx, room, draft)) };
  });
  const writes = (await Promise.all(looks)).map(({ draft, room, known }) =>
    room && known ? write(tx, room, known, draft) : NO_MESSAGE,
  );
  return Promise.all(writes);
}

async function look(tx: Queries, room: OpenRoom, draft: ChangeDraft): Promise<Known> {
  const message = findMessage(tx, room, draft.target);
  if (draft.type !== "reacted") return { message: await message, mine: undefined, others: 0 };
  const { target, emoji, author } = draft;
  const mine = tx.all(
    `SELECT ${EVENT_COLUMNS} FROM events WHERE room = ?1 AND seq = (
      SELECT seq FROM reactions WHERE room = ?1 AND target = ?2 AND emoji = ?3 AND author = ?4)`,
    [room.id, target, emoji, author.id],
  );
  const others = tx.all(
    `SELECT DISTINCT emoji FROM reactions WHERE room = ?1 AND target = ?2 AND emoji <> ?3`,
    [room.id, target, emoji],
  );
  const [found, [own], different] = await Promise.all([message, mine, others]);
  return { message: found, mine: own, others: different.length };
}

/** Has assigned the event's `seq` when it returns its promise. */
async function write(
  tx: Queries,
  room: OpenRoom,
  known: Known,
  draft: ChangeDraft,
): Promise<Appended | Refusal> {
  const { message } = known;
  if (!message) return NO_MESSAGE;
  if (draft.type === "reacted") return react(tx, room, known, draft);
  // A guard: only who was authorized for it drafts a change with `anyone: true`.
  if (!draft.anyone && asText(message["author"]) !== draft.author.id) {
    return new Refusal("notYourMessage");
  }
  return draft.type === "edited"
    ? edit(tx, room, message, draft)
    : remove(tx, room, message, draft);
}

async function edit(tx: Queries, room: OpenRoom, row: Row, draft: EditDraft): Promise<Appended> {
  const { html, files, hidden, ...kept } = bodyOf(row);
  const before = { seen: { text: asText(row["text"]), html, files }, hidden };
  const after = contentAfter(draft, before);
  const { text, ...seen } = after.seen;
  const tellsFiles = draft.visibility !== undefined;
  tx.erases();
  const packed = packBody({ ...kept, ...seen, hidden: after.hidden, editedAt: draft.at });
  const [seq] = await Promise.all([
    // The text is stored only in the message's own row, so a later change leaves no earlier one
    // behind.
    addChange(tx, room, draft, tellsFiles ? { files: [] } : {}),
    forgetTerms(tx, asNumber(row["position"])),
    tx.all(`UPDATE events SET text = ?3, body = ?4, sum = ?5 WHERE room = ?1 AND seq = ?2`, [
      room.id,
      draft.target,
      text,
      packed,
      tx.kind === "sqlite" ? sumOf({ ...summed(row), text, body: packed }) : null,
    ]),
    tellsFiles && hideFiles(tx, hidden?.files ?? files ?? [], after.hidden !== undefined),
  ]);
  const { target, author, at } = draft;
  return { event: toEdited({ seq, target, author, at }, after.seen, tellsFiles), again: false };
}

/** What everyone sees of a message, and its own content while that is hidden. */
interface Contents {
  readonly seen: Content;
  readonly hidden: Content | undefined;
}

function contentAfter(draft: EditDraft, { seen, hidden }: Contents): Contents {
  const written = { text: draft.text, html: draft.html };
  switch (draft.visibility) {
    case "hide":
      return { seen: written, hidden: hidden ?? seen };
    case "show":
      return { seen: hidden ?? seen, hidden: undefined };
    default:
      return hidden
        ? { seen, hidden: { ...written, files: hidden.files } }
        : { seen: { ...written, files: seen.files }, hidden };
  }
}

async function remove(
  tx: Queries,
  room: OpenRoom,
  row: Row,
  draft: DeleteDraft,
): Promise<Appended> {
  const key = [room.id, draft.target];
  const { files, hidden } = bodyOf(row);
  tx.erases();
  const [seq] = await Promise.all([
    addChange(tx, room, draft, {}),
    forgetTerms(tx, asNumber(row["position"])),
    eraseSettledReports(tx, draft.room, draft.target),
    draft.entry && writeAudit(tx, draft.entry),
    dropFiles(tx, hidden?.files ?? files ?? []),
    tx.all(`UPDATE events SET text = '', body = ?3 WHERE room = ?1 AND seq = ?2`, [
      ...key,
      packBody({ deleted: true }),
    ]),
    // Older versions stored the text in the edits as well.
    tx.all(
      `UPDATE events SET text = '', body = NULL
        WHERE room = ?1 AND target = ?2 AND type = 'edited' AND text <> ''`,
      key,
    ),
    tx.all(`DELETE FROM reactions WHERE room = ?1 AND target = ?2`, key),
  ]);
  const { type, target, author, at } = draft;
  return { event: { type, seq, target, author, at }, again: false };
}

async function react(
  tx: Queries,
  room: OpenRoom,
  { mine, others }: Known,
  draft: ReactDraft,
): Promise<Appended | Refusal> {
  const { type, target, author, at, emoji, on } = draft;
  if (on && mine) return { event: toEvent(mine), again: true };
  if (!on && !mine) return new Refusal("noSuchReaction");
  if (on && others >= MOST_EMOJI) return new Refusal("reactionLimit", { count: MOST_EMOJI });
  const key = [room.id, target, emoji, author.id];
  const change = addChange(tx, room, draft, { emoji, on });
  const reaction = on
    ? tx.insert(
        "reactions",
        ["room", "target", "emoji", "author", "name", "seq"],
        [[...key, author.name, room.seq]],
      )
    : tx.all(
        `DELETE FROM reactions WHERE room = ?1 AND target = ?2 AND emoji = ?3 AND author = ?4`,
        key,
      );
  const [seq] = await Promise.all([change, reaction]);
  return { event: { type, seq, target, author, at, emoji, on }, again: false };
}

/** Adds the change itself to the log; resolves to its `seq`, which is assigned at once. */
async function addChange(
  tx: Queries,
  room: OpenRoom,
  { type, at, author, target }: ChangeDraft,
  body: Body,
): Promise<number> {
  room.seq += 1;
  const { seq } = room;
  const { id: by, name } = author;
  const packed = packBody(body);
  const said = { seq, type, at, author: by, name, id: null, target, text: "" };
  const sum = tx.kind === "sqlite" ? sumOf({ ...said, body: packed }) : null;
  const row = [room.id, seq, type, at, by, name, null, target, "", packed, sum];
  await tx.insert("events", LOG_COLUMNS, [row]);
  return seq;
}
