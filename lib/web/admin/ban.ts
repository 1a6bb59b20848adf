import type { ConnectionDirectory } from "../../chat/moderation/finder.ts";
import { REASON_LIMIT } from "../../model/wire/moderation.ts";
import { writeDuration } from "../../model/base/duration.ts";
import { fill } from "../../model/text/locale.ts";
import { cutText } from "../../model/text/text.ts";
import type { Words } from "../../../templates/locales/en.ts";
import type { Context } from "../http/context.ts";
import { button, cardPage, field, type Field, form, wordsOf } from "../pages/forms.ts";
import { nameOf } from "./cells.ts";

const HOUR_SECONDS = 60 * 60;
/** How long a ban may last, in seconds; 0: until it is lifted. */
const DURATIONS = [HOUR_SECONDS, 24 * HOUR_SECONDS, 7 * 24 * HOUR_SECONDS, 0];
/** Neighbours that are named. */
const NAMED = 5;

/** How long a ban is to last. */
export function durationField(w: Words): Field {
  const options = DURATIONS.map((seconds) => {
    return {
      value: `${seconds}`,
      label: seconds === 0 ? w.forGood : writeDuration(seconds * 1000),
    };
  });
  return field("seconds", w.duration, { options });
}

/** When a ban that was chosen by `durationField` ends, in ms since 1970; null: when it is lifted. */
export function untilOf(fields: URLSearchParams, now: number): number | null {
  const seconds = Number(fields.get("seconds") ?? 0);
  return DURATIONS.includes(seconds) && seconds > 0 ? now + seconds * 1000 : null;
}

/**
 * Asks before someone is banned everywhere: for how long and why, and whether their address too, with
 * who else is here from it.
 */
export function banCard(
  context: Context,
  fields: URLSearchParams,
  directory: ConnectionDirectory,
): Response {
  const w = wordsOf(context);
  const [id, room] = [fields.get("id") ?? "", fields.get("room") ?? ""];
  const name = cutText(nameOf({ id, name: fields.get("name") ?? "" }), REASON_LIMIT);
  const network = directory.networkOf(id, room);
  const others = new Map(
    directory
      .all()
      .filter((each) => each.network === network && each.author.id !== id)
      .map(({ author }) => [author.id, nameOf(author)]),
  );
  const named = [...others.values()].slice(0, NAMED).join(", ");
  const neighbours = others.size > NAMED ? `${named} +${others.size - NAMED}` : named;
  const text =
    network === null
      ? ""
      : others.size === 0
        ? w.nobodyElse
        : fill(w.alsoHere, { names: neighbours });
  const address = field("address", w.addressToo, {
    ...{ type: "checkbox", value: "yes", need: "" },
  });
  const { hidden } = button("", "", {
    verb: "ban-person",
    id,
    room,
    name: fields.get("name") ?? "",
  });
  return cardPage(context, {
    here: "admin/here",
    heading: fill(w.banAsk, { name }),
    forms: [
      form("./here", w.ban, {
        ...{ text, hidden, style: "danger" },
        fields: [
          durationField(w),
          field("reason", w.reason, { need: "" }),
          ...(network === null ? [] : [address]),
        ],
      }),
    ],
    ...{ back: "admin/here", backLabel: w.back },
  });
}
