import { Refusal } from "../model/errors.ts";
import type { Message } from "../model/event.ts";
import type {
  Appended,
  DeleteDraft,
  Draft,
  EditDraft,
  MessageDraft,
  ReactDraft,
} from "../model/store.ts";
import { asNumber, asText, idKey, type Queries, type Row, type Value } from "./database.ts";
import { bodyOf, EVENT_COLUMNS, packBody, toEvent } from "./rows.ts";

/** A room inside the transaction. `seq` runs ahead of the row until the end. */
interface OpenRoom {
  readonly id: number;
  readonly before: number;
  seq: number;
}
type Result = Appended | Refusal;

const COLUMNS = ["room", "seq", "type", "at", "author", "name", "id", "target", "text", "body"];
/** Different emoji on one message. */
const MOST_EMOJI = 20;
const NO_MESSAGE = new Refusal("not_found", "There is no such message in this room.");

/** `Store.append` inside one transaction. Messages in a row are inserted together. */
export async function append(tx: Queries, drafts: readonly Draft[]): Promise<readonly Result[]> {
  const rooms = await openRooms(tx, drafts);
  const results: Result[] = [];
  for (let from = 0; from < drafts.length; from = results.length) {
    const messages: MessageDraft[] = [];
    for (let at = from; at < drafts.length; at += 1) {
      const draft = drafts[at];
      if (draft?.type !== "message") break;
      messages.push(draft);
    }
    const draft = drafts[from];
    if (messages.length > 0) {
      for (const result of await appendMessages(tx, rooms, messages)) results.push(result);
    } else if (draft && draft.type !== "message") {
      results.push(await appendChange(tx, rooms, draft));
    }
  }
  const grown = [...rooms.values()].filter((room) => room.seq > room.before);
  await Promise.all(
    grown.map((room) => tx.all(`UPDATE rooms SET seq = ?2 WHERE id = ?1`, [room.id, room.seq])),
  );
  return results;
}

/** Rooms come to exist with their first message. Locked in the order of their names: no deadlock. */
async function openRooms(tx: Queries, drafts: readonly Draft[]): Promise<Map<string, OpenRoom>> {
  const created = new Map<string, number | null>();
  for (const draft of drafts) {
    if (created.get(draft.room) != null) continue;
    created.set(draft.room, draft.type === "message" ? draft.at : null);
  }
  const names = [...created.keys()].sort();
  const rooms = new Map<string, OpenRoom>();
  const find = (name: string) =>
    tx.all(`SELECT id, seq FROM rooms WHERE name = ?1${tx.forUpdate}`, [name]);
  const found = await Promise.all(names.map(find));
  for (const [index, name] of names.entries()) {
    let row = found[index]?.[0];
    const at = created.get(name);
    if (!row && at != null) {
      await tx.insert("rooms", ["name", "seq", "created_at"], [[name, 0, at]]);
      [row] = await find(name);
    }
    if (!row) continue;
    const seq = asNumber(row["seq"]);
    rooms.set(name, { id: asNumber(row["id"]), before: seq, seq });
  }
  return rooms;
}

function roomOf(rooms: ReadonlyMap<string, OpenRoom>, name: string): OpenRoom {
  const room = rooms.get(name);
  if (!room) throw new Error("a message's room was not opened");
  return room;
}

/** A message on its way into its room. */
interface Entry {
  readonly draft: MessageDraft;
  readonly room: OpenRoom;
  readonly key: string;
}

/** Messages whose ids are new for certain are inserted together, the others one by one. */
async function appendMessages(
  tx: Queries,
  rooms: ReadonlyMap<string, OpenRoom>,
  drafts: readonly MessageDraft[],
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const { ids } = tx;
  let fresh: Entry[] = [];
  const flush = async () => {
    if (fresh.length === 0) return;
    for (const result of await insertFresh(tx, fresh)) results.push(result);
    fresh = [];
  };
  for (const draft of drafts) {
    const room = roomOf(rooms, draft.room);
    const key = idKey(room.id, draft.author.id, draft.id);
    if (ids.claim(key) && draft.replyTo === undefined) {
      fresh.push({ draft, room, key });
    } else {
      await flush();
      results.push(await appendOne(tx, { draft, room, key }));
    }
  }
  await flush();
  return results;
}

async function insertFresh(tx: Queries, fresh: readonly Entry[]): Promise<readonly Result[]> {
  const { ids } = tx;
  const heads = new Map<OpenRoom, number>();
  const results: Result[] = [];
  const rows: Value[][] = [];
  for (const { draft, room } of fresh) {
    if (!heads.has(room)) heads.set(room, room.seq);
    const event = nextMessage(room, draft);
    results.push({ event, again: false });
    rows.push(messageRow(room, draft, event.seq));
  }
  const inserted = await tx.insert("events", COLUMNS, rows);
  if (inserted === fresh.length) {
    for (const [index, { key }] of fresh.entries()) ids.took(key, Number(rows[index]?.[1]));
    return results;
  }
  // A row was passed over: its id was taken after all.
  for (const [room, seq] of heads) {
    await tx.all(`DELETE FROM events WHERE room = ?1 AND seq > ?2`, [room.id, seq]);
    room.seq = seq;
  }
  const again: Result[] = [];
  for (const each of fresh) again.push(await appendOne(tx, each));
  return again;
}

async function appendOne(tx: Queries, { draft, room, key }: Entry): Promise<Result> {
  const taken = await tx.ids.find(room.id, draft.author.id, draft.id);
  if (taken !== null) {
    const [first] = await tx.all(
      `SELECT ${EVENT_COLUMNS} FROM events WHERE room = ?1 AND seq = ?2`,
      [room.id, taken],
    );
    if (first) return { event: toEvent(first), again: true };
  }
  if (draft.replyTo !== undefined && !(await findMessage(tx, room, draft.replyTo))) {
    return NO_MESSAGE;
  }
  const event = nextMessage(room, draft);
  await tx.insert("events", COLUMNS, [messageRow(room, draft, event.seq)]);
  tx.ids.took(key, event.seq);
  return { event, again: false };
}

function nextMessage(room: OpenRoom, draft: MessageDraft): Message {
  room.seq += 1;
  const { id, author, text, at, replyTo, files, html } = draft;
  const message = { type: "message", seq: room.seq, id, author, text, at } as const;
  if (replyTo === undefined && files === undefined && html === undefined) return message;
  return {
    ...message,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(files === undefined ? {} : { files }),
    ...(html === undefined ? {} : { html }),
  };
}

function messageRow(room: OpenRoom, draft: MessageDraft, seq: number): Value[] {
  const { html, replyTo, files, author } = draft;
  const body =
    html === undefined && replyTo === undefined && files === undefined
      ? null
      : packBody({
          ...(html === undefined ? {} : { html }),
          ...(replyTo === undefined ? {} : { replyTo }),
          ...(files === undefined ? {} : { files }),
        });
  return [
    room.id,
    seq,
    "message",
    draft.at,
    author.id,
    author.name,
    draft.id,
    null,
    draft.text,
    body,
  ];
}

/** The message's row, or undefined where there is none or it was deleted. */
async function findMessage(tx: Queries, room: OpenRoom, seq: number): Promise<Row | undefined> {
  const [row] = await tx.all(
    `SELECT ${EVENT_COLUMNS} FROM events WHERE room = ?1 AND seq = ?2 AND type = 'message'`,
    [room.id, seq],
  );
  return row && bodyOf(row).deleted ? undefined : row;
}

async function appendChange(
  tx: Queries,
  rooms: ReadonlyMap<string, OpenRoom>,
  draft: EditDraft | DeleteDraft | ReactDraft,
): Promise<Result> {
  const room = rooms.get(draft.room);
  const row = room && (await findMessage(tx, room, draft.target));
  if (!room || !row) return NO_MESSAGE;
  if (draft.type === "reacted") return react(tx, room, draft);
  if (!draft.anyone && asText(row["author"]) !== draft.author.id) {
    return new Refusal("not_allowed", "This is someone else's message.");
  }
  return draft.type === "edited" ? edit(tx, room, row, draft) : remove(tx, room, draft);
}

async function edit(tx: Queries, room: OpenRoom, row: Row, draft: EditDraft): Promise<Appended> {
  const { html: _, ...kept } = bodyOf(row);
  const html = draft.html === undefined ? {} : { html: draft.html };
  await tx.all(`UPDATE events SET text = ?3, body = ?4 WHERE room = ?1 AND seq = ?2`, [
    room.id,
    draft.target,
    draft.text,
    packBody({ ...kept, ...html, editedAt: draft.at }),
  ]);
  return change(tx, room, draft, draft.text, packBody(html));
}

async function remove(tx: Queries, room: OpenRoom, draft: DeleteDraft): Promise<Appended> {
  const { id, seq } = { id: room.id, seq: draft.target };
  await tx.all(`UPDATE events SET text = '', body = ?3 WHERE room = ?1 AND seq = ?2`, [
    id,
    seq,
    packBody({ deleted: true }),
  ]);
  await tx.all(
    `UPDATE events SET text = '', body = NULL WHERE room = ?1 AND target = ?2 AND type = 'edited'`,
    [id, seq],
  );
  await tx.all(`DELETE FROM reactions WHERE room = ?1 AND target = ?2`, [id, seq]);
  return change(tx, room, draft, "", null);
}

async function react(tx: Queries, room: OpenRoom, draft: ReactDraft): Promise<Result> {
  const { emoji, on, author, target } = draft;
  const key = [room.id, target, emoji, author.id];
  const mine = `room = ?1 AND target = ?2 AND emoji = ?3 AND author = ?4`;
  const [before] = await tx.all(`SELECT seq FROM reactions WHERE ${mine}`, key);
  if (!on) {
    if (!before) return new Refusal("not_found", "You have not reacted with this.");
    await tx.all(`DELETE FROM reactions WHERE ${mine}`, key);
    return change(tx, room, draft, "", packBody({ emoji, on }));
  }
  if (before) {
    const [first] = await tx.all(
      `SELECT ${EVENT_COLUMNS} FROM events WHERE room = ?1 AND seq = ?2`,
      [room.id, asNumber(before["seq"])],
    );
    if (first) return { event: toEvent(first), again: true };
  }
  const others = await tx.all(
    `SELECT DISTINCT emoji FROM reactions WHERE room = ?1 AND target = ?2 AND emoji <> ?3`,
    [room.id, target, emoji],
  );
  if (others.length >= MOST_EMOJI) {
    return new Refusal("too_many", `A message has at most ${MOST_EMOJI} different reactions.`);
  }
  await tx.insert(
    "reactions",
    ["room", "target", "emoji", "author", "name", "seq"],
    [[...key, author.name, room.seq + 1]],
  );
  return change(tx, room, draft, "", packBody({ emoji, on }));
}

/** Adds the change itself to the log, as the room's next event. */
async function change(
  tx: Queries,
  room: OpenRoom,
  draft: EditDraft | DeleteDraft | ReactDraft,
  text: string,
  body: string | null,
): Promise<Appended> {
  room.seq += 1;
  const { type, at, author, target } = draft;
  const row = [room.id, room.seq, type, at, author.id, author.name, null, target, text, body];
  await tx.insert("events", COLUMNS, [row]);
  const base = { seq: room.seq, target, author, at };
  switch (draft.type) {
    case "edited": {
      const html = draft.html === undefined ? {} : { html: draft.html };
      return { event: { type: "edited", ...base, text: draft.text, ...html }, again: false };
    }
    case "deleted":
      return { event: { type: "deleted", ...base }, again: false };
    case "reacted":
      return {
        event: { type: "reacted", ...base, emoji: draft.emoji, on: draft.on },
        again: false,
      };
  }
}
