import type { InboxItem, StoredRoom } from "../../model/inbox/inbox.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import { isBot } from "../../model/people/person.ts";
import type { AccessLookup, Principal } from "../moderation/access.ts";
import type { ToldRoom } from "./feed.ts";

/** Decides what people may see of their inboxes. */
export class InboxRights {
  constructor(
    readonly accessLookup: AccessLookup,
    readonly now: () => number,
  ) {}

  /** Rooms they may not enter appear as not followed. */
  async rooms(principal: Principal, rooms: readonly StoredRoom[]): Promise<readonly ToldRoom[]> {
    const told: ToldRoom[] = [];
    // A bot's token may be limited to some rooms.
    const hasToken = isBot(principal.person.id);
    for (const { isPlain, followed, ...each } of rooms) {
      const { room } = each;
      const mayEnter =
        followed && ((isPlain && !hasToken) || (await this.#mayEnter(principal, room)));
      told.push(mayEnter ? { ...each, followed } : { room, followed: false });
    }
    return told;
  }

  /** Items of rooms they may enter; reports only for those who may settle them. */
  async items(
    principal: Principal,
    items: readonly InboxItem[],
    rooms: readonly ToldRoom[],
  ): Promise<readonly InboxItem[]> {
    const known = new Map(rooms.map(({ room, followed }) => [`enter ${room}`, followed]));
    const allowed: InboxItem[] = [];
    for (const item of items) {
      const { kind, room } = item;
      const key = kind === "report" ? `settle ${room}` : `enter ${room}`;
      const may = known.get(key) ?? (await this.#may(principal, kind, room));
      known.set(key, may);
      if (may) allowed.push(item);
    }
    return allowed;
  }

  async #may(principal: Principal, kind: InboxItem["kind"], room: string): Promise<boolean> {
    if (kind !== "report") return this.#mayEnter(principal, room);
    const access = await this.accessLookup.of(principal, room);
    // Of private talks, administrators see only what was reported.
    if (access.rules.kind === "direct") return access.account?.role === "admin";
    return authorize(access, "delete-any", this.now()) === null;
  }

  async #mayEnter(principal: Principal, room: string): Promise<boolean> {
    return authorize(await this.accessLookup.of(principal, room), "enter", this.now()) === null;
  }
}
