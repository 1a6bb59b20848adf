import type { Accounts } from "./people/account.ts";
import type { AuditLog } from "./people/audit.ts";
import type { Reports } from "./reports.ts";
import type { RoomRecords } from "./rooms/room-records.ts";
import type { Sanctions } from "./rooms/sanction.ts";
import type { InboxRecords } from "./inbox/inbox.ts";
import type { HandlerValues } from "./handlers/handler.ts";
import type { Deliveries } from "./outbound/delivery.ts";
import type { Webhooks } from "./outbound/webhook.ts";
import type { PushSubscriptions } from "./outbound/push.ts";
import type { Tokens } from "./people/token.ts";

/**
 * Everything stored about people and rooms besides the log. It is small, and read when someone
 * enters or a right changes, never for a message. Any method rejects if the database fails.
 */
export interface Records {
  readonly accounts: Accounts;
  readonly sanctions: Sanctions;
  readonly rooms: RoomRecords;
  readonly reports: Reports;
  readonly audit: AuditLog;
  readonly tokens: Tokens;
  readonly inbox: InboxRecords;
  readonly handlerValues: HandlerValues;
  readonly deliveries: Deliveries;
  readonly push: PushSubscriptions;
  readonly webhooks: Webhooks;
}
