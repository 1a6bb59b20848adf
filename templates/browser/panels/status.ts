import { CLOSE } from "../../../lib/model/base/close.ts";
import type { State } from "../net/connection.ts";
import { byId } from "../base/dom.ts";
import { t } from "../base/words.ts";

const WORDS: Readonly<Record<State, string>> = {
  connecting: t.connecting,
  open: t.open,
  closed: t.closed,
};
const REASONS: Readonly<Record<number, string>> = {
  [CLOSE.kicked]: t.kicked,
  [CLOSE.banned]: t.banned,
  [CLOSE.notAllowed]: t.notAllowed,
  [CLOSE.roomClosed]: t.roomClosed,
  [CLOSE.badProtocol]: t.cutOff,
};

/** Shows how the connection is; when it is closed for good, why, and the way back in. */
export function showState(state: State, code: number): void {
  const shown = byId("state", HTMLSpanElement);
  shown.dataset["state"] = state;
  shown.textContent = WORDS[state];
  const closed = state === "closed";
  const left = byId("left", HTMLDivElement);
  left.hidden = !closed;
  const words = left.querySelector("p");
  if (words) words.textContent = REASONS[code] ?? t.youLeft;
  byId("composer", HTMLFormElement).hidden = closed;
  byId("leave", HTMLButtonElement).hidden = closed;
}
