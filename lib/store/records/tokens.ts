import type { Token, Tokens } from "../../model/people/token.ts";
import { writeAudit } from "../database/audit.ts";
import { containing } from "./audit.ts";
import { asNumber, asText, type Database, type Row } from "../database/database.ts";

const COLUMNS = ["hash", "room", "name", "by_id", "by_name", "at"] as const;
const SELECT = `SELECT ${COLUMNS.join(", ")} FROM tokens`;

/** Tokens of webhooks. */
export function openTokens(db: Database): Tokens {
  return {
    create: ({ hash, room, name, by, at }, entry) =>
      db.transaction(async (tx) => {
        await tx.insert("tokens", COLUMNS, [[hash, room, name, by.id, by.name, at]]);
        await writeAudit(tx, entry);
      }),
    async find(hash) {
      const [row] = await db.all(`${SELECT} WHERE hash = ?1`, [hash]);
      return row ? toToken(row) : null;
    },
    remove: (hash, entry) =>
      db.transaction(async (tx) => {
        await tx.all(`DELETE FROM tokens WHERE hash = ?1`, [hash]);
        await writeAudit(tx, entry);
      }),
    async list(query, offset, limit) {
      const rows = await db.all(
        `${SELECT} WHERE lower(room || ' ' || name) LIKE ?1 ESCAPE '!'
          ORDER BY at DESC, hash LIMIT ?2 OFFSET ?3`,
        [containing(query), limit, offset],
      );
      return rows.map(toToken);
    },
  };
}

function toToken(row: Row): Token {
  return {
    hash: asText(row["hash"]),
    room: asText(row["room"]),
    name: asText(row["name"]),
    by: { id: asText(row["by_id"]), name: asText(row["by_name"]) },
    at: asNumber(row["at"]),
  };
}
