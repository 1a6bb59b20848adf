import { hueOf, initialsOf } from "../../../lib/model/wire/appearance.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import type { Author } from "../../../lib/model/people/person.ts";
import { byId, h } from "../base/dom.ts";
import { nameOf } from "../base/excerpts.ts";
import { isChange, type Pending } from "./pending-store.ts";
import type { Outbox } from "./outbox.ts";
import { t } from "../base/words.ts";

/**
 * Draws pending messages below the log, by `me`; refused ones can be retried or dropped. Pending
 * changes are shown at their messages.
 */
export function drawPending(
  list: readonly Pending[],
  outbox: Outbox,
  me: Author,
  /** The author of the last message above. */
  above: Author | undefined,
): void {
  const shown = list.filter((pending) => !isChange(pending) || pending.failed !== undefined);
  const rows = shown.map((pending, at) => {
    const { id, failed } = pending;
    const state = failed === undefined ? "sending" : "failed";
    const look = at === 0 && above?.id !== me.id ? "message first" : "message";
    const body = h("div", { class: "body", dir: "auto" }, wordsOf(pending));
    const about = failed === undefined ? h("small", {}, t.sending) : refusal(failed, id, outbox);
    const hue = { "data-hue": hueOf(me.id) };
    const avatar = { class: "avatar", "aria-hidden": "true", ...hue };
    const name = h("bdi", { class: "name", ...hue }, nameOf(me));
    return h(
      "li",
      { class: look, "data-id": id, "data-state": state },
      ...[h("span", avatar, initialsOf(me.name)), h("p", { class: "byline" }, name), body, about],
    );
  });
  byId("pending", HTMLOListElement).replaceChildren(...rows);
}

function wordsOf(pending: Pending): string {
  if (isChange(pending)) return "text" in pending.change ? pending.change.text : "";
  const names = (pending.files ?? []).map(({ name }) => name).join(", ");
  return [pending.text, names].filter((each) => each !== "").join("\n");
}

function refusal(why: string, id: string, outbox: Outbox): HTMLElement {
  const choice = (words: string, onclick: () => void) =>
    h("button", { type: "button", class: "quiet", onclick }, words);
  const again = choice(t.tryAgain, () => outbox.tryAgain(id));
  const drop = choice(t.discard, () => outbox.discard(id));
  return h(
    "small",
    { role: "alert" },
    ...[h("span", {}, fill(t.failed, { why })), h("span", {}, again, drop)],
  );
}
