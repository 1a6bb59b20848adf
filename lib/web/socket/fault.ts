import { Refusal } from "../../model/base/errors.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Connection } from "./connection.ts";

/** Logs an unexpected fault, and sends its id to the client. */
export function reportFault(
  observer: Observer,
  connection: Connection,
  fault: unknown,
  ref?: string,
): void {
  const id = crypto.randomUUID();
  observer.log("error", "socket failed", {
    id,
    room: connection.ticket.room,
    fault: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault),
  });
  connection.refuse(new Refusal("internalFault", { id }), { ref });
}
