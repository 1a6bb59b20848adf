import type { Message } from "../../../lib/model/wire/event.ts";
import type { ReportsFrame } from "../../../lib/model/wire/moderation.ts";
import { toast } from "../base/announce.ts";
import { Card, wordsOf } from "./card.ts";
import type { PeoplePage } from "./hooks.ts";
import { InboxList } from "./inbox-list.ts";
import { openMenu } from "./menu.ts";
import { openReport, ReportList } from "./reports.ts";
import { RoomPanel } from "./room-panel.ts";
import { Deletions } from "./undo.ts";

export { InboxList };

/** The dialogs about people and messages, and what is done in them. */
export class Dialogs {
  readonly #deletions: Deletions;
  readonly #reports: ReportList;
  readonly #inbox: InboxList;

  constructor(readonly side: PeoplePage) {
    this.#deletions = new Deletions(side);
    this.#inbox = new InboxList(side.hooks.places);
    this.#reports = new ReportList(side.hooks, (id) => this.person(id));
  }

  person(id: string, verb?: "mute"): void {
    if (!id.startsWith("bot:")) void new Card(id, this.side.hooks).open(verb);
  }

  message(message: Message, row: HTMLElement): void {
    openMenu(message, row, this.side.hooks, {
      person: (id, verb) => this.person(id, verb),
      report: (each) => this.report(each),
      remove: (each) => this.remove(each),
      pin: ({ seq }, on) => void this.#pin(seq, on),
    });
  }

  report(message: Message): void {
    openReport(message, this.side.hooks);
  }

  remove(message: Message): void {
    this.#deletions.add(message);
  }

  reports(frame: ReportsFrame): void {
    this.#reports.show(frame);
  }

  inbox(): void {
    this.#inbox.open();
  }

  inboxChanged(): void {
    this.#inbox.changed();
  }

  room(): void {
    void new RoomPanel(this.side.hooks, (id) => this.person(id)).open();
  }

  async #pin(seq: number, on: boolean): Promise<void> {
    const answer = await this.side.hooks.ask({ type: "pin", seq, on });
    toast(answer?.type === "done" ? answer.text : wordsOf(answer));
  }
}
