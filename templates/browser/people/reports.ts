import { fill } from "../../../lib/model/text/locale.ts";
import type { Message } from "../../../lib/model/wire/event.ts";
import type { ReportInfo, ReportsFrame } from "../../../lib/model/wire/moderation.ts";
import { REPORT_CONTEXT } from "../../../lib/model/reports.ts";
import { say } from "../base/announce.ts";
import { h } from "../base/dom.ts";
import { plainText } from "../base/markup.ts";
import { nameOf } from "../base/excerpts.ts";
import { counted, t } from "../base/words.ts";
import { wordsOf } from "./card.ts";
import { Dialog, form, input, press, select, status, textOf } from "./dialog.ts";
import { drawing } from "./icons.ts";
import type { PeopleHooks } from "./hooks.ts";
import { p, panels } from "./words.ts";

const REASON_CHARACTERS = 150;

/** Asks why a message is reported, and reports it. */
export function openReport(message: Message, { ask, about }: PeopleHooks): void {
  const dialog = new Dialog("report", p.reportTitle);
  const send = async (fields: FormData) => {
    const kind = textOf(fields, "kind");
    const more = textOf(fields, "more").trim();
    const reason = [kind, more].filter((each) => each !== "").join(": ");
    const answer = await ask({ type: "report", seq: message.seq, reason });
    if (answer?.type !== "done") return dialog.show(p.reportTitle, status(wordsOf(answer), true));
    const close = press(t.close, () => dialog.close(), "first");
    close.autofocus = true;
    dialog.show(p.reportTitle, status(answer.text), h("div", { class: "presses" }, close));
  };
  const disclosed =
    about().kind === "direct" ? fill(p.reportSaysTalk, { count: REPORT_CONTEXT }) : p.reportSays;
  const why = select(
    p.why,
    "kind",
    p.whys.map((words) => [words, words] as const),
  );
  const [choice] = why.getElementsByTagName("select");
  if (choice) choice.autofocus = true;
  dialog.show(
    p.reportTitle,
    form(
      panels.report,
      "",
      (fields) => void send(fields),
      () => dialog.close(),
      h(
        "blockquote",
        { dir: "auto" },
        h("b", {}, nameOf(message.author)),
        " ",
        plainText(message).slice(0, 200),
      ),
      why,
      input(p.inOwnWords, "more", "", REASON_CHARACTERS),
      h("p", { class: "says" }, disclosed),
    ),
  );
}

/** The open reports of the room, for those who keep order in it: a badge in the header, and a list. */
export class ReportList {
  #reports: readonly ReportInfo[] = [];
  #dialog: Dialog | null = null;
  readonly #badge = h("button", { type: "button", class: "icon-button", id: "show-reports" });

  constructor(
    readonly hooks: PeopleHooks,
    readonly person: (id: string) => void,
  ) {
    this.#badge.addEventListener("click", () => this.#open());
    document.querySelector("main > header .tools")?.prepend(this.#badge);
    this.#badge.hidden = true;
  }

  show({ reports }: ReportsFrame): void {
    const isMore = reports.length > this.#reports.length;
    this.#reports = reports;
    const words = counted(p.openReports, reports.length);
    this.#badge.hidden = reports.length === 0;
    this.#badge.title = words;
    this.#badge.ariaLabel = words;
    this.#badge.replaceChildren(
      drawing("flag"),
      h("b", { class: "count" }, String(reports.length)),
    );
    if (isMore) say(words);
    if (this.#dialog?.isOpen) this.#draw();
  }

  #open(): void {
    this.#dialog = new Dialog("reports", "");
    this.#draw();
  }

  #draw(...happened: readonly HTMLElement[]): void {
    const words = counted(p.openReports, this.#reports.length);
    this.#dialog?.show(
      words,
      ...happened,
      h("ol", { class: "list" }, ...this.#reports.map((each) => this.#row(each))),
    );
  }

  #row({ id, seq, author, text, by, reason }: ReportInfo): HTMLElement {
    const goTo = () => {
      this.#dialog?.close();
      this.hooks.show(seq);
    };
    const about = () => {
      this.#dialog?.close();
      this.person(author.id);
    };
    return h(
      "li",
      {},
      h("blockquote", { dir: "auto" }, h("b", {}, nameOf(author)), " ", text.slice(0, 500)),
      h(
        "p",
        { dir: "auto" },
        fill(p.reportedBy, { name: nameOf(by) }),
        reason === "" ? null : h("q", {}, reason),
      ),
      h(
        "div",
        { class: "presses" },
        press(p.showMessage, goTo),
        press(fill(p.aboutPerson, { name: nameOf(author) }), about),
        press(p.dismiss, () => void this.#settle(id, "dismissed")),
        press(p.uphold, () => void this.#settle(id, "upheld"), "grave"),
      ),
    );
  }

  async #settle(id: number, state: "upheld" | "dismissed"): Promise<void> {
    const answer = await this.hooks.ask({ type: "settle", id, state });
    if (answer?.type === "done") this.#reports = this.#reports.filter((each) => each.id !== id);
    this.#draw(answer?.type === "done" ? status(answer.text) : status(wordsOf(answer), true));
  }
}
