import type { Message } from "../../../lib/model/wire/event.ts";
import { isDirectName } from "../../../lib/model/rooms/rules.ts";
import { byId, page } from "../base/dom.ts";
import { plainText } from "../base/markup.ts";
import { preferences, room } from "../base/memory.ts";
import { onNoticeOpened, showNotice } from "../base/notice.ts";
import { nameOf } from "../base/excerpts.ts";

/** Notifies readers who are looking elsewhere. */
export class Notifications {
  #unread = 0;
  /** Private messages and mentions in other rooms. */
  #elsewhere = 0;
  readonly #icon = byId("icon", HTMLLinkElement);
  readonly #plain = this.#icon.href;

  constructor(readonly onOpen: () => void) {
    onNoticeOpened(onOpen);
  }

  /** A message arrived unseen. Returns the number of unseen ones. */
  missed(message: Message, isMention: boolean): number {
    this.#unread += 1;
    const { notify, quietUntil } = room(page.room);
    if (notify === "none" || quietUntil > Date.now()) return this.#unread;
    this.#draw();
    if (notify === "mentions" && !isMention) return this.#unread;
    const { desktop, sound } = preferences();
    if (sound) beep();
    if (desktop) this.#notify(message);
    return this.#unread;
  }

  seen(): void {
    if (this.#unread === 0) return;
    this.#unread = 0;
    this.#draw();
  }

  calledElsewhere(count: number): void {
    if (count === this.#elsewhere) return;
    this.#elsewhere = count;
    this.#draw();
  }

  #draw(): void {
    const count = this.#unread + this.#elsewhere;
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = count === 0 ? title : `(${count}) ${title}`;
    const unread = this.#icon.dataset["unread"] ?? this.#plain;
    this.#icon.href = count === 0 ? this.#plain : unread;
    showBadge(count);
  }

  #notify(message: Message): void {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const body = plainText(message).slice(0, 200);
    const name = nameOf(message.author);
    const title = isDirectName(page.room) ? name : `${name} · ${page.room}`;
    void showNotice(title, body, this.#plain, this.onOpen);
  }
}

/** The number on the installed app's icon. */
export function showBadge(count: number): void {
  const shown = count === 0 ? navigator.clearAppBadge?.() : navigator.setAppBadge?.(count);
  shown?.catch(() => undefined);
}

/** Two soft notes, 0.25 s. */
function beep(): void {
  const audio = new AudioContext();
  const gain = audio.createGain();
  gain.connect(audio.destination);
  gain.gain.setValueAtTime(0.08, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.25);
  for (const [frequency, after] of [
    [660, 0],
    [880, 0.09],
  ] as const) {
    const tone = audio.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(gain);
    tone.start(audio.currentTime + after);
    tone.stop(audio.currentTime + 0.25);
  }
  // By the clock, since browsers play nothing on a page that was never touched.
  setTimeout(() => void audio.close(), 1000);
}
