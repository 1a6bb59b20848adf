import type { GivenRole, PersonFrame, Verb } from "../../../lib/model/wire/moderation.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { h } from "../base/dom.ts";
import { nameOf } from "../base/excerpts.ts";
import { counted } from "../base/words.ts";
import { check, type Choices, form, input, select, textOf } from "./dialog.ts";
import { p } from "./words.ts";

/** What is asked of the server about a person. */
export interface Order {
  readonly verb: Verb;
  readonly seconds?: number;
  readonly reason?: string;
  readonly everywhere?: boolean;
  readonly address?: boolean;
  readonly role?: GivenRole;
}

const MINUTE = 60;
/** Seconds, as the values of a choice; empty: until it is lifted. */
const TIMES: Choices = [
  [String(10 * MINUTE), p.tenMinutes],
  [String(60 * MINUTE), p.oneHour],
  [String(24 * 60 * MINUTE), p.oneDay],
  [String(7 * 24 * 60 * MINUTE), p.oneWeek],
  ["", p.untilLifted],
];
const REASON_CHARACTERS = 200;

/** The form that asks how a verb is meant, and says in words what it will do. */
export function verbForm(
  person: PersonFrame,
  verb: "mute" | "kick" | "ban" | "delete-all",
  act: (order: Order) => void,
  cancel: () => void,
): { readonly title: string; readonly content: HTMLElement } {
  const name = nameOf(person);
  const lasts = verb === "mute" || verb === "ban";
  const reaches = lasts && person.sharing !== undefined;
  const says = h("p", { class: "says", "aria-live": "polite" });
  const content = form(
    p.submit[verb],
    "grave",
    (fields) => act(orderOf(verb, fields)),
    cancel,
    lasts ? select(p.howLong, "seconds", TIMES, verb === "mute" ? "600" : "86400") : null,
    lasts && person.everywhere
      ? select(p.where, "everywhere", [
          ["", p.thisRoom],
          ["yes", p.everyRoom],
        ])
      : null,
    reaches
      ? check(
          counted(p.address, person.sharing ?? 0),
          "address",
          person.isGuest && person.sharing === 0,
        )
      : null,
    input(p.reason, "reason", "", REASON_CHARACTERS),
    says,
  );
  const say = () => {
    const order = orderOf(verb, new FormData(content));
    says.replaceChildren(sentence(name, order), " ", order.address ? p.addressToo : "");
  };
  content.addEventListener("input", say);
  say();
  const [first] = content.querySelectorAll<HTMLElement>("select, input");
  if (first) first.autofocus = true;
  return { title: fill(p.ask[verb], { name }), content };
}

function orderOf(verb: Verb, fields: FormData): Order {
  const seconds = textOf(fields, "seconds");
  const reason = textOf(fields, "reason").trim();
  return {
    verb,
    reason,
    ...(seconds === "" ? {} : { seconds: Number(seconds) }),
    ...(fields.get("everywhere") === "yes" ? { everywhere: true } : {}),
    ...(fields.has("address") ? { address: true } : {}),
  };
}

/** What an order will do, in words. */
function sentence(name: string, { verb, seconds, everywhere }: Order): string {
  const time = TIMES.find(([value]) => value === String(seconds ?? ""))?.[1] ?? "";
  const place = everywhere ? p.inEveryRoom : p.inThisRoom;
  if (verb === "mute") return fill(p.willMute, { name, place, time });
  if (verb === "ban") return fill(p.willBan, { name, place, time });
  return fill(verb === "kick" ? p.willKick : p.willDeleteAll, { name });
}
