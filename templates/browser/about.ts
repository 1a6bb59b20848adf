import type { Message } from "../../lib/model/event.ts";
import { fill } from "../../lib/model/locale.ts";
import type { Role } from "../../lib/model/person.ts";
import { atLeast } from "../../lib/model/role.ts";
import { OPEN_ROOM, type RoomAbout } from "../../lib/model/rules.ts";
import { byId } from "./dom.ts";
import { nameOf } from "./row.ts";
import { t } from "./words.ts";

/** Shows how a room is kept: its topic, what is pinned, and whether one may write. */
export class About {
  #about: RoomAbout = OPEN_ROOM;

  constructor(readonly find: (seq: number) => Message | undefined) {}

  show(about: RoomAbout | undefined, role: Role): void {
    this.#about = about ?? OPEN_ROOM;
    const { topic, readOnly, archived, slow } = this.#about;
    const line = byId("topic", HTMLSpanElement);
    line.textContent = topic;
    line.title = topic;
    const text = byId("text", HTMLTextAreaElement);
    const closed = archived || (readOnly && !atLeast(role, "moderator"));
    text.disabled = closed;
    byId("send", HTMLButtonElement).disabled = closed;
    text.placeholder = closed ? t.readOnly : slow > 0 ? fill(t.slowly, { seconds: slow }) : t.write;
    this.draw();
  }

  /** The last pin; its words come when they are known. */
  draw(): void {
    const [seq] = this.#about.pins;
    const link = byId("pin", HTMLAnchorElement);
    link.hidden = seq === undefined;
    if (seq === undefined) return;
    const message = this.find(seq);
    link.href = `#${seq}`;
    link.textContent = message ? `${nameOf(message.author)}: ${message.text}` : `#${seq}`;
  }
}
