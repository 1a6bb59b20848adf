import type { Message } from "../../../lib/model/wire/event.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import type { Role } from "../../../lib/model/people/person.ts";
import { atLeast } from "../../../lib/model/people/role.ts";
import { OPEN_ROOM, type RoomAbout } from "../../../lib/model/rooms/rules.ts";
import { toast } from "../base/announce.ts";
import { copyText } from "../base/copy.ts";
import { below, byId, page, readable } from "../base/dom.ts";
import { plainText } from "../base/markup.ts";
import { nameOf } from "../base/excerpts.ts";
import type { Timeline } from "../log/timeline.ts";
import { t } from "../base/words.ts";

/** Shows the room's topic, pins and restrictions and, in an empty room, how to invite people. */
export class About {
  #about: RoomAbout = OPEN_ROOM;
  #mayInvite = false;

  constructor(
    readonly timeline: Timeline,
    readonly find: (seq: number) => Message | undefined,
  ) {
    const address = below(`rooms/${encodeURIComponent(page.room)}`).href;
    byId("address", HTMLElement).textContent = readable(address);
    byId("copy-address", HTMLButtonElement).addEventListener("click", () => {
      void copyText(address).then(() => toast(t.copied));
    });
  }

  get rules(): RoomAbout {
    return this.#about;
  }

  show(about: RoomAbout | undefined, role: Role): void {
    this.#about = about ?? OPEN_ROOM;
    this.#mayInvite = atLeast(role, "moderator");
    const { topic, readOnly, archived, slow } = this.#about;
    const line = byId("topic", HTMLParagraphElement);
    line.textContent = topic;
    line.title = topic;
    const text = byId("text", HTMLTextAreaElement);
    const closed = archived || (readOnly && !atLeast(role, "moderator"));
    text.disabled = closed;
    byId("send", HTMLButtonElement).disabled = closed;
    text.placeholder = closed ? t.readOnly : slow > 0 ? fill(t.slowly, { seconds: slow }) : t.write;
    this.draw();
  }

  /** The last pin; its text appears once it is loaded. */
  draw(): void {
    const { timeline } = this;
    const empty = byId("empty", HTMLElement);
    if (timeline.waits) empty.hidden = true;
    else if (timeline.isKnown) empty.hidden = !timeline.isEmpty;
    const { kind, locked } = this.#about;
    byId("bring-in", HTMLElement).hidden = kind === "direct";
    // The address alone does not admit anyone to a closed room.
    const leadsIn = (kind === "open" || kind === "password") && !locked;
    for (const part of document.querySelectorAll("#bring-in dl, #copy-address")) {
      part.toggleAttribute("hidden", !leadsIn);
    }
    const words = document.querySelector("#bring-in p");
    const closed = this.#mayInvite ? t.emptyClosedInvite : t.emptyClosed;
    if (words) words.textContent = leadsIn ? t.emptyText : closed;
    const [seq] = this.#about.pins;
    const link = byId("pin", HTMLAnchorElement);
    link.hidden = seq === undefined;
    if (seq === undefined) return;
    const message = this.find(seq);
    link.href = `#${seq}`;
    link.textContent = message ? `${nameOf(message.author)}: ${plainText(message)}` : `#${seq}`;
  }
}
