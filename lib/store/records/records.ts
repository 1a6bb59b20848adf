import type { Records } from "../../model/records.ts";
import { openAccounts } from "./accounts.ts";
import { openAudit } from "./audit.ts";
import type { Database } from "../database/database.ts";
import { openInbox } from "../inbox/inbox.ts";
import { openDeliveries } from "../outbound/deliveries.ts";
import { openHandlerValues } from "./handler-values.ts";
import { openMembers } from "./members.ts";
import { openMessages } from "../log/messages.ts";
import { openPushSubscriptions } from "../outbound/subscriptions.ts";
import { openWebhooks } from "../outbound/webhooks.ts";
import { openReports } from "./reports.ts";
import { openRules } from "./room-rules.ts";
import { openSanctions } from "./sanctions.ts";
import { openTokens } from "./tokens.ts";

/**
 * The records in a database, which must be migrated. `grown` is called with a room whose log has
 * grown by an action here.
 */
export function openRecords(db: Database, grown: (room: string) => void): Records {
  return {
    accounts: openAccounts(db),
    sanctions: openSanctions(db),
    rooms: { ...openRules(db), ...openMembers(db), ...openMessages(db) },
    reports: openReports(db, grown),
    audit: openAudit(db),
    tokens: openTokens(db),
    handlerValues: openHandlerValues(db),
    deliveries: openDeliveries(db),
    push: openPushSubscriptions(db),
    webhooks: openWebhooks(db),
    inbox: openInbox(db),
  };
}
