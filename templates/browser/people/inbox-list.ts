import type { InboxItem } from "../../../lib/model/inbox/inbox.ts";
import { isDirectName } from "../../../lib/model/rooms/rules.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { below, h, page } from "../base/dom.ts";
import { nameOf } from "../base/excerpts.ts";
import { t } from "../base/words.ts";
import { pathOf, type Places } from "../net/places.ts";
import { Dialog, press } from "./dialog.ts";
import { p } from "./words.ts";

const moment = new Intl.DateTimeFormat(page.language, { dateStyle: "medium", timeStyle: "short" });

/** The dialog of the reader's open mentions, invitations and reports, newest first. */
export class InboxList {
  #dialog: Dialog | null = null;

  constructor(readonly places: Places) {}

  open(): void {
    this.#dialog = new Dialog("inbox", t.inbox);
    this.#draw();
  }

  /** Redraws the open dialog after a change of the inbox. */
  changed(): void {
    if (this.#dialog?.isOpen) this.#draw();
  }

  #draw(): void {
    const { waiting, hasUnread } = this.places;
    const readAll = press(t.readAll, () => this.places.readAll());
    const focused = document.activeElement?.closest<HTMLElement>("#inbox [data-item]");
    const at = focused ? [...(focused.parentElement?.children ?? [])].indexOf(focused) : -1;
    const rows = waiting.map((item) => this.#row(item));
    this.#dialog?.show(
      t.inbox,
      hasUnread ? h("div", { class: "presses" }, readAll) : null,
      rows.length === 0 ? h("p", { class: "says", role: "status" }, p.nothingWaits) : null,
      h("ol", {}, ...rows),
    );
    // Keeps the focus in place when the row that had it is done.
    const near = rows[Math.min(at, rows.length - 1)];
    if (at >= 0) near?.querySelector<HTMLElement>("button")?.focus();
  }

  #row(item: InboxItem): HTMLElement {
    const { id, kind, room, author, at, text } = item;
    const known = this.places.inbox.rooms.get(room);
    const title = isDirectName(room) ? p.inTalk : room;
    // An administrator may not enter the private talk, and settles its reports in the administration.
    const isElsewhere = kind === "report" && isDirectName(room) && known === undefined;
    const address = below(isElsewhere ? "admin/reports" : pathOf(known ?? { room }));
    if (!isElsewhere && item.seq > 0) address.hash = `${item.seq}`;
    const who = fill(p.waiting[kind], { name: nameOf(author), room: title });
    const time = h("time", { datetime: new Date(at).toISOString() }, moment.format(at));
    const link = h(
      "a",
      { href: address.href, onclick: () => this.#dialog?.close() },
      h("b", { dir: "auto" }, who),
      text === undefined || text === "" ? null : h("span", { dir: "auto" }, text),
      h("small", {}, time),
    );
    return h(
      "li",
      { "data-item": id },
      link,
      press(p.done, () => this.places.finish(id)),
    );
  }
}
