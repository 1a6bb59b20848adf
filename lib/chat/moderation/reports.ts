import { SYSTEM } from "../../model/people/audit.ts";
import { Refusal } from "../../model/base/errors.ts";
import { may } from "../../model/rooms/authorize.ts";
import { atLeast } from "../../model/people/role.ts";
import { type Doer, type Moderate, NO_MESSAGE } from "./moderate.ts";

/** Different people whose reports hide a message until someone has looked; of a moderator one does. */
const HIDE_AT = 3;
const HIDDEN_KEPT = 200;

/** What stands in the place of a hidden message, for everyone and in both languages. */
export const HIDDEN_TEXT = "[hidden until it has been looked at · 等待查看，暂时隐藏]";

/** What readers find wrong, and what becomes of it. */
export class Reports {
  constructor(readonly moderate: Moderate) {}

  async report(doer: Doer, seq: number, reason: string): Promise<"kept" | "hidden" | Refusal> {
    const { records, now } = this.moderate.parts;
    const { room, author, standing } = doer;
    const refusal = may(standing, "report", now());
    if (refusal) return refusal;
    const message = await this.moderate.message(room, seq);
    if (!message) return NO_MESSAGE;
    if (standing.rules.hidden.includes(seq)) return "hidden";
    const count = await records.keeping.report(
      { room, seq, author: message.author, text: message.text, by: author, reason, at: now() },
      this.moderate.entry(doer, "report", message.author, reason),
    );
    if (count < HIDE_AT && !atLeast(standing.role, "moderator")) return "kept";
    await this.#show(doer, seq, HIDDEN_TEXT, "report.hide");
    return "hidden";
  }

  /** Looked at: the message goes for good (`upheld`), or comes back where it was hidden. */
  async settle(doer: Doer, id: number, state: "upheld" | "dismissed"): Promise<Refusal | null> {
    const { records, now } = this.moderate.parts;
    const refusal = may(doer.standing, "delete-any", now());
    if (refusal) return refusal;
    const report = await records.keeping.reportById(id);
    if (!report || report.room !== doer.room || report.state !== "open") {
      return new Refusal("not_found", "There is no such open report.");
    }
    const { seq, author, text } = report;
    const isHidden = doer.standing.rules.hidden.includes(seq);
    if (isHidden) await this.#show(doer, seq, text, "");
    if (state === "upheld") {
      const gone = await this.moderate.remove(doer, seq, report.reason);
      if (gone && gone !== NO_MESSAGE) return gone;
    }
    await records.keeping.settleReports(
      doer.room,
      seq,
      state,
      this.moderate.entry(doer, `report.${state}`, author, report.reason),
    );
    return null;
  }

  /** Puts `text` in the message's place: an edit, which every kind of client understands. */
  async #show({ room, standing }: Doer, target: number, text: string, called: string) {
    const { post, now, records, tell } = this.moderate.parts;
    const rules = (await records.keeping.rules(room)) ?? standing.rules;
    const others = rules.hidden.filter((seq) => seq !== target);
    const hidden = text === HIDDEN_TEXT ? [target, ...others].slice(0, HIDDEN_KEPT) : others;
    const system = { author: SYSTEM, room, standing };
    const entry = this.moderate.entry(system, called || "report.show", null, `#${target}`);
    await records.keeping.changeRules(room, { hidden }, entry);
    tell(room, { action: "rules" });
    const edit = { type: "edited", room, author: SYSTEM, target, text, at: now() } as const;
    const files = text === HIDDEN_TEXT ? "hidden" : "shown";
    await post.order({ ...edit, files, anyone: true });
  }
}
