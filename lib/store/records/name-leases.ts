import {
  type NameAssignment,
  chooseNames,
  type NameLookup,
  type NumberHints,
} from "../../model/people/choose-names.ts";
import type {
  NameHolder,
  HeldName,
  NameLeases,
  NameUpdate,
  NameRequest,
} from "../../model/people/name-leases.ts";
import { skeletonKeys } from "../../model/people/skeleton.ts";
import {
  asNumber,
  asText,
  type Database,
  PAIRS,
  type Queries,
  type Row,
  TEXTS,
} from "../database/database.ts";
import { ownersOf } from "../database/skeletons.ts";

/** A node that has not renewed for this long, in milliseconds, holds no names any more. */
const TERM_MS = 15_000;

/** Milliseconds since 1970 by the database's clock, so that the nodes' clocks need not agree. */
const NOW = {
  sqlite: `CAST(unixepoch('subsec') * 1000 AS INTEGER)`,
  postgres: `CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)`,
} as const;
/** The first key of the advisory locks for names, one for each room. An arbitrary number. */
const LOCKS = 7_364_052;
/**
 * How long PostgreSQL waits for the next statement of a node that has the lock, in milliseconds.
 */
const LOCK_MS = 1_000;
const COLUMNS = ["room", "person", "node", "key", "name", "owns", "changed"] as const;

/**
 * Name leases as rows of the database. A row says that a node holds, for one of its people, a name
 * with this skeleton `key`; it counts while the node's own row in `name_nodes` does. Names of a
 * room change under a lock of that room. A row written by another node is marked `changed` until
 * its node has read it; an empty key says that the person has lost their name.
 */
export function openNameLeases(db: Database, node: string, termMs = TERM_MS): NameLeases {
  const { kind } = db;
  const [now, pairs, texts] = [NOW[kind], PAIRS[kind], TEXTS[kind]];
  const hints: NumberHints = new Map();
  const live = `name_leases JOIN name_nodes ON name_nodes.node = name_leases.node
    AND name_nodes.until > ${now}`;

  const lock = async (tx: Queries, rooms: readonly string[]): Promise<void> => {
    if (kind !== "postgres") return;
    // In a fixed order, to avoid deadlocks. A node paused under the lock blocks the others for a
    // second at most.
    await tx.all(
      `SELECT set_config('idle_in_transaction_session_timeout', '${LOCK_MS}', true),
        pg_advisory_xact_lock(${LOCKS}, room) FROM (
          SELECT DISTINCT hashtext(name) AS room FROM (${texts} AS name) names ORDER BY room
        ) rooms`,
      [JSON.stringify(rooms)],
    );
  };
  const rowsOf = (queries: Pick<Queries, "all">, people: readonly NameHolder[]) =>
    queries.all(
      `SELECT DISTINCT room, person, name_leases.node AS node, name, changed FROM ${live}
        WHERE (room, person) IN (${pairs})`,
      [listOf(people)],
    );
  const choose = async (queries: Pick<Queries, "all">, requests: readonly NameRequest[]) => {
    const rows = await rowsOf(queries, requests);
    const current = new Map(rows.map((row) => [holderKey(toHolder(row)), asText(row["name"])]));
    const lookup: NameLookup = {
      async holdings(keys) {
        if (keys.length === 0) return [];
        const list = JSON.stringify(keys.map(({ room, key }) => [key, room]));
        const held = await queries.all(
          `SELECT room, key, person, owns FROM ${live} WHERE (key, room) IN (${pairs})`,
          [list],
        );
        return held.map((row) => {
          return { ...toHolder(row), key: asText(row["key"]), owns: asNumber(row["owns"]) === 1 };
        });
      },
      owners: (keys) => ownersOf(queries, kind, keys),
      current: (holder) => current.get(holderKey(holder)) ?? "",
    };
    return chooseNames(requests, lookup, hints);
  };
  /** Replaces what they held, on every node; returns the rooms that other nodes must read again. */
  const write = async (
    tx: Queries,
    assignments: readonly NameAssignment[],
  ): Promise<readonly string[]> => {
    const known = new Map<string, Row[]>();
    for (const row of await rowsOf(tx, assignments)) {
      const place = holderKey(toHolder(row));
      known.set(place, [...(known.get(place) ?? []), row]);
    }
    await tx.all(`DELETE FROM name_leases WHERE (room, person) IN (${pairs})`, [
      listOf(assignments),
    ]);
    const elsewhere = new Set<string>();
    const rows: (string | number)[][] = [];
    for (const { room, person, name, owns } of assignments) {
      const keys = name === "" ? [""] : skeletonKeys(name);
      const put = (holder: string, changed: number) => {
        for (const key of keys) rows.push([room, person, holder, key, name, owns ? 1 : 0, changed]);
      };
      if (name !== "") put(node, 0);
      const others = new Map(
        (known.get(holderKey({ room, person })) ?? []).map((row) => [asText(row["node"]), row]),
      );
      others.delete(node);
      for (const [holder, row] of others) {
        const changed = row["name"] === name ? asNumber(row["changed"]) : 1;
        if (changed === 1) elsewhere.add(room);
        put(holder, changed);
      }
    }
    await tx.insert("name_leases", COLUMNS, rows);
    return [...elsewhere];
  };

  return {
    update: (requests, released) =>
      db.transaction(async (tx): Promise<NameUpdate> => {
        await lock(tx, [...new Set([...requests, ...released].map(({ room }) => room))]);
        if (released.length > 0) {
          await tx.all(`DELETE FROM name_leases WHERE node = ?2 AND (room, person) IN (${pairs})`, [
            listOf(released),
            node,
          ]);
        }
        if (requests.length === 0) return { names: [], lost: [], elsewhere: [] };
        const { names, assignments } = await choose(tx, requests);
        const elsewhere = assignments.length === 0 ? [] : await write(tx, assignments);
        return { names, lost: assignments.filter(({ name }) => name === ""), elsewhere };
      }),
    preview: async (request) => (await choose(db, [request])).names[0] ?? null,
    async holdersOf(name) {
      const rows = await db.all(
        `SELECT DISTINCT room, person, name FROM ${live} WHERE key IN (${texts})`,
        [JSON.stringify(skeletonKeys(name))],
      );
      return rows.map(toHeldName);
    },
    renew: () =>
      db.transaction(async (tx) => {
        const kept = await tx.all(
          `UPDATE name_nodes SET until = ${now} + ?2 WHERE node = ?1 AND until > ${now}
            RETURNING node`,
          [node, termMs],
        );
        if (kept.length === 0) {
          await tx.all(`DELETE FROM name_leases WHERE node = ?1`, [node]);
          await tx.all(`DELETE FROM name_nodes WHERE node = ?1`, [node]);
          await tx.all(`INSERT INTO name_nodes (node, until) VALUES (?1, ${now} + ?2)`, [
            node,
            termMs,
          ]);
        }
        const rows = await tx.all(
          `UPDATE name_leases SET changed = 0 WHERE node = ?1 AND changed = 1
            RETURNING room, person, name`,
          [node],
        );
        const dead = await tx.all(`DELETE FROM name_nodes WHERE until <= ${now} RETURNING node`);
        const gone = JSON.stringify(dead.map((row) => asText(row["node"])));
        if (dead.length > 0) {
          await tx.all(`DELETE FROM name_leases WHERE node IN (${texts})`, [gone]);
        }
        return { lapsed: kept.length === 0, changes: rows.map(toHeldName) };
      }),
    close: () =>
      db.transaction(async (tx) => {
        await tx.all(`DELETE FROM name_leases WHERE node = ?1`, [node]);
        await tx.all(`DELETE FROM name_nodes WHERE node = ?1`, [node]);
      }),
  };
}

function listOf(people: readonly NameHolder[]): string {
  return JSON.stringify(people.map(({ room, person }) => [room, person]));
}

function holderKey({ room, person }: NameHolder): string {
  return `${room}\0${person}`;
}

function toHolder(row: Row): NameHolder {
  return { room: asText(row["room"]), person: asText(row["person"]) };
}

function toHeldName(row: Row): HeldName {
  return { ...toHolder(row), name: asText(row["name"]) };
}
