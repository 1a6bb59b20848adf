import { byId, h } from "./dom.ts";

/** Announces new things to screen readers, not what is only drawn again. */
export function say(words: string): void {
  const live = byId("live", HTMLDivElement);
  live.append(h("p", {}, words.slice(0, 300)));
  while (live.childElementCount > 5) live.firstElementChild?.remove();
}

let timer = 0;

/** Shows a message about an action for four seconds. */
export function toast(words: string): void {
  const line = byId("toast", HTMLParagraphElement);
  line.textContent = words;
  clearTimeout(timer);
  timer = window.setTimeout(() => (line.textContent = ""), 4_000);
}
