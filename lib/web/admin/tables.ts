import { cutText } from "../../model/text/text.ts";
import type { ConnectionDirectory } from "../../chat/moderation/finder.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Files } from "../../model/files/files.ts";
import type { Records } from "../../model/records.ts";
import { isBot } from "../../model/people/person.ts";
import { skeletonKey } from "../../model/people/skeleton.ts";
import type { Store } from "../../model/store.ts";
import type { Words } from "../../../templates/locales/en.ts";
import { type Ask, type Lines, nameOf, roomLink, type Row, text, when } from "./cells.ts";
import { botLines } from "./bots.ts";
import { reportLines } from "./report-table.ts";
import { button, wordsOf } from "../pages/forms.ts";
import type { Context } from "../http/context.ts";

export interface TableDeps {
  readonly records: Records;
  readonly files: Files;
  readonly store: Pick<Store, "before" | "after">;
  readonly chat: Pick<Chat, "messages" | "moderation">;
  readonly directory: ConnectionDirectory;
  readonly now: () => number;
}

export const SECTIONS = [
  "now",
  "rooms",
  "here",
  "people",
  "reports",
  "bans",
  "invitations",
  "bots",
  "tokens",
  "audit",
  "handlers",
  "settings",
] as const;
export type Section = (typeof SECTIONS)[number];

export interface Table {
  readonly query: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[] | false;
  readonly newer: string;
  readonly older: string;
}

type List = (ask: Ask, w: Words, deps: TableDeps) => Promise<Lines> | Lines;

const PAGE = 50;
const MOST_OFFSET = 1_000_000;

/** A page of a section's list, filtered; null if the section is not a list. */
export async function tableOf(
  context: Context,
  section: Section,
  search: URLSearchParams,
  deps: TableDeps,
): Promise<Table | null> {
  const list = LISTS[section];
  if (!list) return null;
  const query = cutText((search.get("q") ?? "").replaceAll("\0", " "), 100);
  const asked = Number(search.get("skip") ?? 0);
  const offset = Number.isSafeInteger(asked) ? Math.min(Math.max(asked, 0), MOST_OFFSET) : 0;
  const [columns, found] = await list({ query, offset, limit: PAGE + 1 }, wordsOf(context), deps);
  const rows = found.slice(0, PAGE).map(({ cells, ...row }) => {
    return { ...row, cells: cells.map((cell, at) => ({ ...cell, label: columns[at] ?? "" })) };
  });
  const at = (skip: number) => `./${section}?${new URLSearchParams({ q: query, skip: `${skip}` })}`;
  return {
    query,
    columns,
    rows: rows.length > 0 ? rows : false,
    newer: offset > 0 ? at(Math.max(0, offset - PAGE)) : "",
    older: found.length > PAGE ? at(offset + PAGE) : "",
  };
}

const LISTS: Partial<Record<Section, List>> = {
  async rooms({ query, offset, limit }, w, { records, chat, directory }) {
    const rooms = await records.rooms.rooms(query, offset, limit);
    const rows = rooms.map(async ({ name, seq, createdAt }): Promise<Row> => {
      const rules = await chat.moderation.accessLookup.rules(name);
      const verb = (submit: string, value: string) =>
        button("./rooms", submit, { verb: value, room: name });
      const state = [rules.locked ? w.locked : "", rules.archived ? w.archived : ""];
      return {
        action: "room",
        cells: [
          roomLink(name, w),
          text(seq),
          text(directory.inRoom(name).length),
          text(w.kinds[rules.kind]),
          text(state.filter((each) => each !== "").join(", ") || w.open),
          when(createdAt),
        ],
        forms: [
          rules.locked ? verb(w.unlock, "unlock") : verb(w.lock, "lock"),
          rules.archived ? verb(w.unarchive, "unarchive") : verb(w.archive, "archive"),
          rules.listed ? verb(w.unlist, "unlist") : verb(w.list, "list"),
        ],
      };
    });
    return [[w.room, w.messages, w.sockets, w.kind, w.state, w.created], await Promise.all(rows)];
  },
  here({ query, offset, limit }, w, { directory }) {
    const wanted = skeletonKey(query);
    const fits = ({ author, network, room }: ReturnType<ConnectionDirectory["all"]>[number]) =>
      query === "" ||
      skeletonKey(author.name).includes(wanted) ||
      `${author.id} ${network} ${room}`.includes(query);
    const here = directory
      .all()
      .filter(fits)
      .slice(offset, offset + limit);
    const rows = here.map(({ author, role, network, room }): Row => {
      const values = { room, id: author.id, name: author.name };
      return {
        action: "person",
        cells: [text(nameOf(author)), roomLink(room, w), text(network), text(w.roles[role])],
        forms: [
          button("./here", w.kick, { ...values, verb: "kick" }),
          button("./here", `${w.ban} …`, { ...values, verb: "ask-ban" }),
        ],
      };
    });
    return [[w.name, w.room, w.address, w.role], rows];
  },
  async people({ query, offset, limit }, w, { records }) {
    const people = await records.accounts.list(query, offset, limit);
    const roles = [
      ["member", w.makeMember],
      ["moderator", w.makeModerator],
      ["admin", w.makeAdmin],
    ] as const;
    const rows = people.map(({ id, name, role, createdAt }): Row => {
      const others = roles.filter(([each]) => each !== role && !isBot(id));
      return {
        action: "account",
        cells: [text(name), text(`#${id}`), text(w.roles[role]), when(createdAt)],
        forms: others.map(([each, label]) =>
          button("./people", label, { verb: "role", id, role: each }),
        ),
      };
    });
    return [[w.name, "id", w.role, w.created], rows];
  },
  reports: reportLines,
  async bans({ query, offset, limit }, w, { records, now }) {
    const ask = { room: null, what: null, query, now: now(), offset, limit };
    const sanctions = await records.sanctions.list(ask);
    const rows = sanctions.map(({ id, what, room, subject, name, reason, by, at, until }): Row => {
      return {
        action: what,
        cells: [
          text(w.sanctions[what]),
          text(name),
          text(subject),
          roomLink(room, w),
          text(reason),
          text(nameOf(by)),
          when(at),
          until === null ? text(w.forGood) : when(until),
        ],
        forms: [button("./bans", w.lift, { verb: "lift", sanction: String(id), name, subject })],
      };
    });
    const columns = [w.what, w.name, w.whom, w.room, w.reason, w.by, w.at, w.until];
    return [columns, rows];
  },
  async invitations({ query, offset, limit }, w, { records, now }) {
    const invitations = await records.rooms.invitations(query, offset, limit);
    const rows = invitations.map((invitation): Row => {
      const { hash, room, by, at, expiresAt, uses, most, revokedAt } = invitation;
      const isOver = revokedAt !== null || expiresAt <= now() || uses >= most;
      return {
        action: "invitation",
        cells: [
          roomLink(room, w),
          text(nameOf(by)),
          text(`${uses} / ${most}`),
          when(at),
          when(expiresAt),
          text(isOver ? w.expired : w.open),
        ],
        forms: isOver ? [] : [button("./invitations", w.revoke, { verb: "revoke", hash, room })],
      };
    });
    return [[w.room, w.by, w.uses, w.at, w.expires, w.state], rows];
  },
  bots: botLines,
  async tokens({ query, offset, limit }, w, { records }) {
    const tokens = await records.tokens.list(query, offset, limit);
    const rows = tokens.map(({ hash, room, name, by, at }): Row => {
      return {
        action: "token",
        cells: [text(name), roomLink(room, w), text(nameOf(by)), when(at)],
        forms: [button("./tokens", w.revoke, { verb: "untoken", hash, room, name })],
      };
    });
    return [[w.name, w.room, w.by, w.at], rows];
  },
  async audit({ query, offset, limit }, w, { records }) {
    const entries = await records.audit.list({ room: null, query, offset, limit });
    const rows = entries.map(({ at, by, action, room, subject, subjectName, reason }): Row => {
      const whom = subjectName || (subject === "" ? "" : `#${subject}`);
      const cells = [when(at), text(nameOf(by)), text(action), text(whom)];
      const where = room === "" ? text("") : roomLink(room, w);
      return { action, cells: [...cells, where, text(reason)], forms: [] };
    });
    return [[w.at, w.by, w.what, w.whom, w.room, w.reason], rows];
  },
  handlers({ query, offset, limit }, w, { chat }) {
    const found = chat.messages.handlers.list().filter(({ name }) => name.includes(query));
    const rows = found.slice(offset, offset + limit).map((handler): Row => {
      const { name, state, calls, faults, stops, ms, fault } = handler;
      const mean = calls === 0 ? "" : `${(ms / calls).toFixed(1)} ms`;
      const numbers = [calls, faults, stops, mean].map(text);
      const cells = [text(name), text(w.handlerStates[state]), ...numbers, text(fault)];
      return { action: "handler", cells, forms: [] };
    });
    return [[w.name, w.state, w.calls, w.faults, w.stops, w.meanTime, w.lastFault], rows];
  },
};
