import { Refusal } from "../../model/base/errors.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Asked, HandlerValues } from "../../model/handlers/handler.ts";
import type { Appended, Draft } from "../../model/store.ts";
import type { AccessLookup } from "../moderation/access.ts";
import type { ConnectionDirectory } from "../moderation/finder.ts";
import type { Actor, Moderate } from "../moderation/moderate.ts";
import type { Rooms } from "../moderation/rooms.ts";
import { botOf } from "../handlers/gate.ts";
import type { Question, ToThread } from "../handlers/protocol.ts";

export interface ActionDeps {
  readonly values: HandlerValues;
  readonly accessLookup: AccessLookup;
  readonly moderate: Moderate;
  readonly rooms: Rooms;
  readonly directory: ConnectionDirectory;
  readonly observer: Observer;
  readonly postAuthorized: (draft: Draft) => Promise<Appended | Refusal>;
  readonly now: () => number;
  readonly newId: () => string;
}

/**
 * Performs the actions of handlers, as their bots, with a moderator's rights in the room: so
 * nothing is done to its moderators, and every moderation is in the audit log.
 */
export class HandlerActions {
  constructor(readonly deps: ActionDeps) {}

  /** Never throws; failures are logged. */
  perform(asked: Asked): void {
    const { handler, action } = asked;
    const failed = (fault: string) => {
      const about = { handler, action: action.do, room: action.room, fault };
      this.deps.observer.log("warn", "handler action failed", about);
    };
    this.#perform(asked).then(
      (result) => result instanceof Refusal && failed(result.key),
      (fault: unknown) => failed(String(fault)),
    );
  }

  /** Answers a query about handlers' stored values. Never rejects. */
  async answer(asked: Question): Promise<Extract<ToThread, { kind: "answer" }>> {
    const { question } = asked;
    try {
      const value = await this.#value(asked);
      return { kind: "answer", question, ...(value === null ? {} : { value }) };
    } catch (fault) {
      return { kind: "answer", question, fault: String(fault) };
    }
  }

  async #value({ about, handler, key, value }: Question): Promise<string | null> {
    const { values } = this.deps;
    switch (about) {
      case "get":
        return values.get(handler, key);
      case "set":
        if (await values.set(handler, key, value ?? "null")) return null;
        throw new Error("this handler keeps as many values as it may");
      case "delete":
        await values.delete(handler, key);
        return null;
      case "keys":
        return JSON.stringify(await values.keys(handler, key));
    }
  }

  async #perform({ handler, action }: Asked): Promise<unknown> {
    const { moderate, rooms, directory, postAuthorized, now } = this.deps;
    const author = botOf(handler);
    const { room } = action;
    const at = now();
    switch (action.do) {
      case "say": {
        const { text, replyTo } = action;
        const more = replyTo === undefined ? {} : { replyTo };
        const id = this.deps.newId();
        return postAuthorized({ type: "message", id, room, author, text, at, ...more });
      }
      case "tell":
        return directory.tell(action.person, room, author, action.text);
      case "react": {
        const { seq: target, emoji, on } = action;
        return postAuthorized({ type: "reacted", room, author, target, emoji, on, at });
      }
      case "delete":
        return moderate.remove(await this.#actor(handler, room), action.seq, action.reason);
      case "pin": {
        const { seq, on } = action;
        const actor = await this.#actor(handler, room);
        if (on && !(await moderate.message(room, seq))) return new Refusal("noSuchMessage");
        return rooms.change(actor, {
          action: "pin",
          called: on ? "room.pin" : "room.unpin",
          about: `#${seq}`,
          change: ({ pins }) => {
            const others = pins.filter((pin) => pin !== seq);
            return { pins: on ? [seq, ...others] : others };
          },
        });
      }
      case "mute": {
        const { person: id, ms, reason } = action;
        const actor = await this.#actor(handler, room);
        const { accessLookup } = this.deps;
        const { account, role } = await accessLookup.standing(id, room, actor.access.rules);
        const here = directory.inRoom(room).find((present) => present.author.id === id);
        const name = account?.name ?? here?.author.name ?? "";
        const network = directory.networkOf(id, room);
        const target = { id, name, role, isGuest: account === null, network };
        return moderate.sanction(actor, "mute", target, at + ms, reason);
      }
    }
  }

  async #actor(handler: string, room: string): Promise<Actor> {
    const author = botOf(handler);
    const access = await this.deps.accessLookup.ofProgram(author.id, room);
    return { author, room, access: { ...access, role: "moderator" } };
  }
}
