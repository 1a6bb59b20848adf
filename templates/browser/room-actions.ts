import type { Message } from "../../lib/model/wire/event.ts";
import type { Author } from "../../lib/model/people/person.ts";
import { toast } from "./base/announce.ts";
import { below, page } from "./base/dom.ts";
import { refused, t } from "./base/words.ts";
import { loadFiles } from "./composer/lazy.ts";
import type { LogView } from "./log/log.ts";
import { type Timeline, withChanges } from "./log/timeline.ts";
import type { Connection } from "./net/connection.ts";
import type { Change } from "./net/pending-store.ts";
import { Outbox } from "./net/outbox.ts";
import { drawPending } from "./net/pending.ts";

/**
 * The reader's actions in the room. Each is stored, and shown as pending, until the room confirms
 * it.
 */
export class RoomActions {
  readonly outbox: Outbox;

  constructor(
    readonly connection: Connection,
    readonly timeline: Timeline,
    readonly view: () => LogView,
    /** The reader, as the room knows them. */
    readonly me: () => Author,
    /** Called when pending actions change. */
    onWaiting: () => void,
  ) {
    this.outbox = new Outbox(below(`rooms/${encodeURIComponent(page.room)}`).pathname, {
      send: (frame) => connection.send(frame),
      upload: (file) =>
        loadFiles().then(
          ({ uploadFile }) => uploadFile(file),
          () => null,
        ),
      words: ({ code, message }) => refused(code, message),
      onChange: (pending) => {
        timeline.waits = pending.length > 0;
        drawPending(pending, this.outbox, me(), timeline.last?.author);
        onWaiting();
        if (view().atEnd) view().toEnd();
        else view().changed();
      },
      onRefused: toast,
    });
  }

  change(change: Change): void {
    this.outbox.change(change);
    if (this.connection.state !== "open") toast(t.offline);
  }

  /** Adds a reaction, or removes it. */
  react({ seq, reactions }: Message, emoji: string): void {
    const on = !reactions?.[emoji]?.some(({ id }) => id === this.me().id);
    this.change({ type: "react", seq, emoji, on });
  }

  /** The message with the reader's pending changes, and whether there are any. */
  seen(message: Message): { readonly message: Message; readonly waits: boolean } {
    const changes = this.outbox.changesOf(message.seq);
    return { message: withChanges(message, changes, this.me()), waits: changes.length > 0 };
  }

  /** A message of the timeline, as `seen` returns it. */
  find(seq: number): Message | undefined {
    const message = this.timeline.find(seq);
    return message && this.seen(message).message;
  }

  /** Changes whenever `seen` does. */
  look(seq: number): string {
    return this.outbox
      .changesOf(seq)
      .map(({ id }) => id)
      .join();
  }
}
