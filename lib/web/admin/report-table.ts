import type { Files } from "../../model/files/files.ts";
import type { Records } from "../../model/records.ts";
import { type Report, REPORT_CONTEXT } from "../../model/reports.ts";
import { isDirectName } from "../../model/rooms/rules.ts";
import type { Store } from "../../model/store.ts";
import type { Words } from "../../../templates/locales/en.ts";
import { button } from "../pages/forms.ts";
import {
  type Ask,
  type Lines,
  messageCell,
  nameOf,
  roomLink,
  type Row,
  text,
  when,
} from "./cells.ts";

export interface ReportDeps {
  readonly records: Pick<Records, "reports">;
  readonly files: Pick<Files, "of">;
  readonly store: Pick<Store, "before" | "after">;
}

/** Reports, each with the message as it was reported and, if different, as it is now. */
export async function reportLines(
  { query, offset, limit }: Ask,
  w: Words,
  deps: ReportDeps,
): Promise<Lines> {
  const reports = await deps.records.reports.list(null, query, offset, limit);
  const rows = await Promise.all(reports.map((report) => rowOf(report, w, deps)));
  return [[w.room, w.text, w.whom, w.by, w.reason, w.state, w.at], rows];
}

async function rowOf(report: Report, w: Words, { files, store }: ReportDeps): Promise<Row> {
  const { id, room, seq, author, by, reason, at, state } = report;
  const isOpen = state === "open";
  const context = isOpen && isDirectName(room) ? await contextOf(report, store) : [];
  const hasChanged = report.present !== null && report.present !== report.text;
  const lines = hasChanged ? [`${w.now}: ${report.present}`, ...context] : context;
  const settle = (verb: string, submit: string) =>
    button("./reports", submit, { verb, report: String(id), room });
  return {
    action: `report.${state}`,
    cells: [
      roomLink(room, w),
      messageCell(`#${seq} ${report.text}`, lines, await files.of(room, seq)),
      text(nameOf(author)),
      text(nameOf(by)),
      text(reason),
      text(w.reportStates[state]),
      when(at),
    ],
    forms: isOpen ? [settle("upheld", w.uphold), settle("dismissed", w.dismiss)] : [],
  };
}

/** The messages around one of a private talk, as its people see them. */
async function contextOf(
  { room, seq }: Report,
  store: ReportDeps["store"],
): Promise<readonly string[]> {
  const [before, after] = await Promise.all([
    store.before(room, seq, REPORT_CONTEXT),
    store.after(room, seq, REPORT_CONTEXT),
  ]);
  return [...before.messages, ...after.messages].map(
    (message) => `#${message.seq} ${nameOf(message.author)}: ${message.text}`,
  );
}
