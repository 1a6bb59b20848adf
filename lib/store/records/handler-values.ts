import { type HandlerValues, MOST_VALUES } from "../../model/handlers/handler.ts";
import { asNumber, asText, type Database } from "../database/database.ts";

/** The stored values of handlers. */
export function openHandlerValues(db: Database): HandlerValues {
  return {
    async get(handler, key) {
      const [row] = await db.all(
        `SELECT value FROM handler_values WHERE handler = ?1 AND key = ?2`,
        [handler, key],
      );
      return row ? asText(row["value"]) : null;
    },
    set: (handler, key, value) =>
      db.transaction(async (tx) => {
        const [row] = await tx.all(
          `SELECT count(*) AS count FROM handler_values WHERE handler = ?1 AND key <> ?2`,
          [handler, key],
        );
        if (asNumber(row?.["count"]) >= MOST_VALUES) return false;
        await tx.all(
          `INSERT INTO handler_values (handler, key, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (handler, key) DO UPDATE SET value = excluded.value`,
          [handler, key, value],
        );
        return true;
      }),
    delete: (handler, key) =>
      db.transaction(async (tx) => {
        await tx.all(`DELETE FROM handler_values WHERE handler = ?1 AND key = ?2`, [handler, key]);
      }),
    async keys(handler, prefix) {
      const rows = await db.all(`SELECT key FROM handler_values WHERE handler = ?1`, [handler]);
      const keys = rows.map((row) => asText(row["key"]));
      return keys.filter((key) => key.startsWith(prefix)).toSorted();
    },
  };
}
