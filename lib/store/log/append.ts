import { isDirectName } from "../../model/rooms/rules.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Message } from "../../model/wire/event.ts";
import type { Appended, Draft, MessageDraft } from "../../model/store.ts";
import type { FileInfo } from "../../model/files/file.ts";
import {
  appendChanges,
  type ChangeDraft,
  findMessage,
  NO_MESSAGE,
  type OpenRoom,
} from "./changes.ts";
import { asNumber, asText, idKey, type Queries, type Value } from "../database/database.ts";
import { claimFiles } from "../files/files.ts";
import { EVENT_COLUMNS, LOG_COLUMNS, packBody, sumOf, toEvent } from "./rows.ts";

type Result = Appended | Refusal;

/** `Store.append` inside one transaction. Consecutive messages are inserted together. */
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
    const appended =
      messages.length > 0
        ? await appendMessages(tx, rooms, messages)
        : await appendChanges(tx, rooms, runOf(drafts, from));
    for (const result of appended) results.push(result);
  }
  await listMentions(tx, rooms, drafts, results);
  const grown = [...rooms.values()].filter((room) => room.seq > room.before);
  if (grown.length > 0) await tx.advanceRooms(grown);
  return results;
}

/** The next changes that do not depend on each other. */
function runOf(drafts: readonly Draft[], from: number): ChangeDraft[] {
  const run: ChangeDraft[] = [];
  const hows = new Map<string, string>();
  const reactions = new Set<string>();
  for (let at = from; at < drafts.length; at += 1) {
    const draft = drafts[at];
    if (!draft || draft.type === "message") break;
    const message = `${draft.room} ${draft.target}`;
    // Many people may add the same emoji to one message at once.
    const how = draft.type === "reacted" ? `reacted ${draft.emoji}` : `changed ${at}`;
    const reaction = `${message} ${draft.author.id}`;
    if ((hows.get(message) ?? how) !== how || reactions.has(reaction)) break;
    hows.set(message, how);
    reactions.add(reaction);
    run.push(draft);
  }
  return run;
}

/** Queues new messages that may mention someone, or are of a private talk, for inboxes. */
async function listMentions(
  tx: Queries,
  rooms: ReadonlyMap<string, OpenRoom>,
  drafts: readonly Draft[],
  results: readonly Result[],
): Promise<void> {
  const calling: Value[][] = [];
  for (const [index, result] of results.entries()) {
    if (result instanceof Refusal || result.again || result.event.type !== "message") continue;
    const { room } = drafts[index] ?? {};
    if (room === undefined) continue;
    const mayCall = result.event.text.includes("@") || isDirectName(room);
    if (mayCall) calling.push([roomOf(rooms, room).id, result.event.seq]);
  }
  if (calling.length > 0) await tx.insert("pending_mentions", ["room", "seq"], calling);
}

/** A room is created with its first message. */
async function openRooms(tx: Queries, drafts: readonly Draft[]): Promise<Map<string, OpenRoom>> {
  const created = new Map<string, number | null>();
  for (const draft of drafts) {
    if (created.get(draft.room) != null) continue;
    created.set(draft.room, draft.type === "message" ? draft.at : null);
  }
  const names = [...created.keys()].sort();
  const rooms = new Map<string, OpenRoom>();
  const open = async (some: readonly string[]) => {
    for (const row of await tx.lockRooms(some)) {
      const seq = asNumber(row["seq"]);
      rooms.set(asText(row["name"]), { id: asNumber(row["id"]), before: seq, seq });
    }
  };
  await open(names);
  if (rooms.size === names.length) return rooms;
  const fresh = names.flatMap((name) => {
    const at = created.get(name);
    return at == null || rooms.has(name) ? [] : [[name, 0, at] as const];
  });
  if (fresh.length > 0) {
    await tx.insert("rooms", ["name", "seq", "created_at"], fresh);
    await open(fresh.map(([name]) => name));
  }
  return rooms;
}

function roomOf(rooms: ReadonlyMap<string, OpenRoom>, name: string): OpenRoom {
  const room = rooms.get(name);
  if (!room) throw new Error("a message's room was not opened");
  return room;
}

/** A message being appended to its room. */
interface Entry {
  readonly draft: MessageDraft;
  readonly room: OpenRoom;
  readonly key: string;
}

/** Inserts messages whose ids are certainly new together, the others one by one. */
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
    if (ids.claim(key) && draft.replyTo === undefined && draft.files === undefined) {
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
    rows.push(messageRow(tx.kind, room, event));
  }
  const inserted = await tx.insert("events", LOG_COLUMNS, rows);
  if (inserted === fresh.length) {
    for (const [index, { key }] of fresh.entries()) ids.took(key, Number(rows[index]?.[1]));
    return results;
  }
  // A row was skipped: its id was taken after all.
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
  const files = draft.files && (await claimFiles(tx, draft, room.seq + 1));
  if (files instanceof Refusal) return files;
  const event = nextMessage(room, draft, files);
  await tx.insert("events", LOG_COLUMNS, [messageRow(tx.kind, room, event)]);
  tx.ids.took(key, event.seq);
  return { event, again: false };
}

function nextMessage(room: OpenRoom, draft: MessageDraft, files?: readonly FileInfo[]): Message {
  room.seq += 1;
  const { id, author, text, at, replyTo, html } = draft;
  const message = { type: "message", seq: room.seq, id, author, text, at } as const;
  if (replyTo === undefined && files === undefined && html === undefined) return message;
  return {
    ...message,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(files === undefined ? {} : { files }),
    ...(html === undefined ? {} : { html }),
  };
}

function messageRow(kind: Queries["kind"], room: OpenRoom, event: Message): Value[] {
  const { html, replyTo, files, author, seq, at, id, text } = event;
  const body =
    html === undefined && replyTo === undefined && files === undefined
      ? null
      : packBody({
          ...(html === undefined ? {} : { html }),
          ...(replyTo === undefined ? {} : { replyTo }),
          ...(files === undefined ? {} : { files }),
        });
  const type = "message";
  const said = {
    seq,
    type,
    at,
    author: author.id,
    name: author.name,
    id,
    target: null,
    text,
    body,
  };
  const sum = kind === "sqlite" ? sumOf(said) : null;
  return [room.id, seq, type, at, author.id, author.name, id, null, text, body, sum];
}
