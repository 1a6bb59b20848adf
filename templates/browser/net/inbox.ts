import type { InboxItem, InboxRoom, InboxSettings } from "../../../lib/model/inbox/inbox.ts";
import { UNREAD_LIMIT } from "../../../lib/model/inbox/inbox.ts";
import type { InboxFrame, RoomHead } from "../../../lib/model/wire/inbox.ts";
import { below, page } from "../base/dom.ts";
import { savedInbox, saveInbox } from "../base/memory.ts";

/** The least interval between two saves. */
const SAVE_MS = 1_000;
/** Changes within this time are drawn together. */
const TELL_MS = 50;
const NOBODY: InboxSettings = { writers: "everyone", blocked: [] };

/** The reader's inbox: as last saved, then as received. */
export class Inbox {
  /** The last version received; 0: none. */
  version = 0;
  settings: InboxSettings = NOBODY;
  readonly rooms = new Map<string, InboxRoom>();
  readonly items = new Map<string, InboxItem>();
  /** Received since the page was opened. */
  isLive = false;
  #saving = 0;
  #telling = 0;
  #hasSettings = false;

  /** `onChange` receives whether the settings changed. */
  constructor(readonly onChange: (hasSettings: boolean) => void) {
    const saved = savedInbox();
    if (saved?.me !== page.me) return;
    this.version = saved.version;
    this.settings = saved.settings;
    for (const room of saved.rooms) this.rooms.set(room.room, room);
  }

  /** Applies a frame: the whole inbox, or changes. */
  apply({ version, full, rooms = [], items = [], settings }: InboxFrame): void {
    if (full) {
      this.rooms.clear();
      this.items.clear();
    }
    for (const told of rooms) {
      if ("count" in told) this.#grew(told);
      else if (told.followed) this.rooms.set(told.room, told);
      else this.rooms.delete(told.room);
    }
    for (const item of items) this.items.set(item.id, item);
    if (settings) this.settings = settings;
    this.#hasSettings ||= settings !== undefined;
    if (version !== undefined) this.version = version;
    this.isLive = true;
    this.#save();
    this.#telling ||= window.setTimeout(() => this.#tell(), TELL_MS);
  }

  #tell(): void {
    const hasSettings = this.#hasSettings;
    this.#telling = 0;
    this.#hasSettings = false;
    this.onChange(hasSettings);
  }

  isBlocked(person: string): boolean {
    return this.settings.blocked.some(({ id }) => id === person);
  }

  #grew({ room, head, count, last }: RoomHead): void {
    const known = this.rooms.get(room);
    if (!known || head <= known.head) return;
    if (this.isBlocked(last.author.id)) this.rooms.set(room, { ...known, head });
    else {
      const isOwn = last.author.id === page.me || head <= known.read;
      const unread = isOwn ? known.unread : Math.min(known.unread + count, UNREAD_LIMIT);
      this.rooms.set(room, { ...known, head, unread, last });
    }
  }

  #save(): void {
    clearTimeout(this.#saving);
    this.#saving = window.setTimeout(() => {
      const { version, rooms, settings } = this;
      saveInbox({ me: page.me, version, rooms: [...rooms.values()], settings });
    }, SAVE_MS);
  }
}

/** Sends the fields of a `mark`; false if that failed. */
export async function mark(fields: Readonly<Record<string, unknown>>): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(fields), keepalive: true };
  const answer = await fetch(below("api/v1/inbox"), init).catch(() => null);
  return answer?.ok === true;
}

/** Follows the inbox on pages without a socket. */
export function followInbox(inbox: Inbox): void {
  const source = new EventSource(below("api/v1/inbox/events"));
  source.addEventListener("inbox", ({ data }) => inbox.apply(JSON.parse(data)));
  addEventListener("pagehide", () => source.close());
}
