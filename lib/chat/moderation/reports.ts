import { SYSTEM } from "../../model/people/audit.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Author } from "../../model/people/person.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import { atLeast } from "../../model/people/role.ts";
import { type Actor, type Moderate, NO_MESSAGE } from "./moderate.ts";

/** Different people whose reports hide a message until someone has looked at it. */
const HIDE_AT = 3;
const HIDDEN_KEPT = 200;

/** What stands in the place of a hidden message, for everyone and in both languages. */
export const HIDDEN_TEXT = "[hidden until it has been looked at · 等待查看，暂时隐藏]";

/** What readers find wrong, and what becomes of it. */
export class Reports {
  constructor(readonly moderate: Moderate) {}

  async report(actor: Actor, seq: number, reason: string): Promise<"kept" | "hidden" | Refusal> {
    const { records, now } = this.moderate.deps;
    const { room, author, access } = actor;
    const refusal = authorize(access, "report", now());
    if (refusal) return refusal;
    const message = await this.moderate.message(room, seq);
    if (!message) return NO_MESSAGE;
    if (access.rules.hidden.includes(seq)) return "hidden";
    const count = await records.rooms.report(
      { room, seq, author: message.author, text: message.text, by: author, reason, at: now() },
      this.moderate.entry(actor, "report", message.author, reason),
    );
    if (count < HIDE_AT && !(await this.#hidesAlone(actor, message.author))) return "kept";
    await this.#show(actor, seq, HIDDEN_TEXT, "report.hide");
    return "hidden";
  }

  /** Looked at: the message goes for good (`upheld`), or comes back where it was hidden. */
  async settle(actor: Actor, id: number, state: "upheld" | "dismissed"): Promise<Refusal | null> {
    const { records, now } = this.moderate.deps;
    const refusal = authorize(actor.access, "delete-any", now());
    if (refusal) return refusal;
    const report = await records.rooms.reportById(id);
    if (!report || report.room !== actor.room || report.state !== "open") {
      return new Refusal("noSuchReport");
    }
    const { seq, author, text } = report;
    const outranked = state === "upheld" ? await this.moderate.refuseDeletion(actor, author) : null;
    if (outranked) return outranked;
    const isHidden = actor.access.rules.hidden.includes(seq);
    if (isHidden) await this.#show(actor, seq, text, "");
    if (state === "upheld") {
      const gone = await this.moderate.remove(actor, seq, report.reason);
      if (gone && gone !== NO_MESSAGE) return gone;
    }
    await records.rooms.settleReports(
      actor.room,
      seq,
      state,
      this.moderate.entry(actor, `report.${state}`, author, report.reason),
    );
    return null;
  }

  /** Whether the report of one is enough: of a moderator who could delete the message, too. */
  async #hidesAlone(actor: Actor, author: Author): Promise<boolean> {
    if (!atLeast(actor.access.role, "moderator")) return false;
    return (await this.moderate.refuseDeletion(actor, author)) === null;
  }

  /** Puts `text` in the message's place: an edit, which every kind of client understands. */
  async #show({ room, access }: Actor, target: number, text: string, called: string) {
    const { post, now, records, broadcast: tell } = this.moderate.deps;
    const rules = (await records.rooms.rules(room)) ?? access.rules;
    const others = rules.hidden.filter((seq) => seq !== target);
    const hidden = text === HIDDEN_TEXT ? [target, ...others].slice(0, HIDDEN_KEPT) : others;
    const system = { author: SYSTEM, room, access };
    const entry = this.moderate.entry(system, called || "report.show", null, `#${target}`);
    await records.rooms.changeRoom(room, () => ({ rules: { hidden } }), entry);
    await tell(room, { action: "rules" });
    const edit = { type: "edited", room, author: SYSTEM, target, text, at: now() } as const;
    const files = text === HIDDEN_TEXT ? "hidden" : "shown";
    await post.order({ ...edit, files, anyone: true });
  }
}
