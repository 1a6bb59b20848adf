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
        const changed = await tx.all(
          `UPDATE handler_values SET value = ?3 WHERE handler = ?1 AND key = ?2 RETURNING key`,
          [handler, key, value],
        );
        if (changed.length > 0) return true;
        const [row] = await tx.all(
          `SELECT count(*) AS count FROM handler_values WHERE handler = ?1`,
          [handler],
        );
        if (asNumber(row?.["count"]) >= MOST_VALUES) return false;
        const columns = ["handler", "key", "value"];
        await tx.insert("handler_values", columns, [[handler, key, value]]);
        return true;
      }),
    async delete(handler, key) {
      await db.all(`DELETE FROM handler_values WHERE handler = ?1 AND key = ?2`, [handler, key]);
    },
    async keys(handler, prefix) {
      const rows = await db.all(`SELECT key FROM handler_values WHERE handler = ?1`, [handler]);
      const keys = rows.map((row) => asText(row["key"]));
      return keys.filter((key) => key.startsWith(prefix)).toSorted();
    },
  };
}
