import type { Message } from "../../lib/model/event.ts";
import { fill } from "../../lib/model/locale.ts";
import type { Role } from "../../lib/model/person.ts";
import { atLeast } from "../../lib/model/role.ts";
import { OPEN_ROOM, type RoomAbout } from "../../lib/model/rules.ts";
import { toast } from "./announce.ts";
import { copyText } from "./copy.ts";
import { below, byId, page } from "./dom.ts";
import { plainText } from "./markup.ts";
import { nameOf } from "./said.ts";
import type { Timeline } from "./timeline.ts";
import { t } from "./words.ts";

/**
 * Shows how a room is kept: its topic, what is pinned, and whether one may write; and, where nothing
 * was said yet, how to bring people in.
 */
export class About {
  #about: RoomAbout = OPEN_ROOM;

  constructor(
    readonly timeline: Timeline,
    readonly find: (seq: number) => Message | undefined,
  ) {
    const address = below(`rooms/${encodeURIComponent(page.room)}`).href;
    byId("address", HTMLElement).textContent = address;
    byId("copy-address", HTMLButtonElement).addEventListener("click", () => {
      void copyText(address).then(() => toast(t.copied));
    });
  }

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
    byId("empty", HTMLElement).hidden = !this.timeline.isEmpty;
    byId("bring-in", HTMLElement).hidden = this.#about.kind === "direct";
    const [seq] = this.#about.pins;
    const link = byId("pin", HTMLAnchorElement);
    link.hidden = seq === undefined;
    if (seq === undefined) return;
    const message = this.find(seq);
    link.href = `#${seq}`;
    link.textContent = message ? `${nameOf(message.author)}: ${plainText(message)}` : `#${seq}`;
  }
}
