import { fill } from "../../../lib/model/text/locale.ts";
import { byId, h } from "../base/dom.ts";
import type { Pending } from "./keep.ts";
import type { Outbox } from "./outbox.ts";
import { t } from "../base/words.ts";

/** The messages that are on their way, under the log; a refused one can be sent again or dropped. */
export function drawPending(list: readonly Pending[], outbox: Outbox): void {
  const rows = list.map(({ id, text, failed, files = [] }) => {
    const state = failed === undefined ? "sending" : "failed";
    const about =
      failed === undefined
        ? h("small", {}, t.sending)
        : h(
            "small",
            { role: "alert" },
            h("span", {}, fill(t.failed, { why: failed })),
            h(
              "span",
              {},
              h(
                "button",
                { type: "button", class: "quiet", onclick: () => outbox.tryAgain(id) },
                t.tryAgain,
              ),
              h(
                "button",
                { type: "button", class: "quiet", onclick: () => outbox.discard(id) },
                t.discard,
              ),
            ),
          );
    const names = files.map(({ name }) => name).join(", ");
    const words = [text, names].filter((each) => each !== "").join("\n");
    const body = h("div", { class: "body", dir: "auto" }, words);
    return h("li", { class: "message", "data-id": id, "data-state": state }, body, about);
  });
  byId("pending", HTMLOListElement).replaceChildren(...rows);
}
