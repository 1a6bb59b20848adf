import type { RulesFrame, SetRules } from "../../../lib/model/wire/moderation.ts";
import { TOPIC_LIMIT } from "../../../lib/model/rooms/rules.ts";
import { check, type Choices, form, input, select, textOf } from "./dialog.ts";
import { p } from "./words.ts";

const SLOW: Choices = [
  ["0", p.never],
  ["5", "5 s"],
  ["30", "30 s"],
  ["60", "60 s"],
  ["300", "300 s"],
];
const KEEP: Choices = [
  ["0", p.keepAll],
  ["7", p.keepWeek],
  ["30", p.keepMonth],
  ["365", p.keepYear],
];

/** The form of a room's settings: those that the asker may change. Sends what was changed, if anything. */
export function settingsForm(
  { rules, may }: RulesFrame,
  save: (change: SetRules) => Promise<void>,
): HTMLFormElement {
  const owns = may.includes("own");
  const kinds = (["open", "members", "password"] as const).map(
    (kind) => [kind, p.kindChoices[kind]] as const,
  );
  const content = form(
    p.save,
    "",
    (fields) => void save(changed(fields, rules, may)),
    () => content.closest("details")?.removeAttribute("open"),
    may.includes("topic") ? input(p.topic, "topic", rules.topic, TOPIC_LIMIT) : null,
    may.includes("settle")
      ? select(p.slow, "slow", withOwn(SLOW, rules.slow, "s"), `${rules.slow}`)
      : null,
    may.includes("settle") ? check(p.readOnly, "readOnly", rules.readOnly) : null,
    may.includes("lock") ? check(p.locked, "locked", rules.locked) : null,
    owns ? select(p.whoComesIn, "kind", kinds, rules.kind) : null,
    owns ? input(p.newPassword, "password", "", 128, "password") : null,
    owns ? check(p.listed, "listed", rules.listed) : null,
    owns
      ? select(p.keep, "keepDays", withOwn(KEEP, rules.keepDays, p.daysShort), `${rules.keepDays}`)
      : null,
    owns ? check(p.archived, "archived", rules.archived) : null,
  );
  return content;
}

/** The choices, and the present one where it is none of them. */
function withOwn(choices: Choices, now: number, unit: string): Choices {
  if (choices.some(([value]) => value === `${now}`)) return choices;
  return [...choices, [`${now}`, `${now} ${unit}`]];
}

/** What a form changes: only that is asked for. */
function changed(fields: FormData, rules: RulesFrame["rules"], may: RulesFrame["may"]): SetRules {
  const owns = may.includes("own");
  const topic = textOf(fields, "topic").trim();
  const numbers = (["slow", "keepDays"] as const).flatMap((name) => {
    const value = Number(textOf(fields, name));
    return fields.has(name) && value !== rules[name] ? [[name, value] as const] : [];
  });
  const shown = [
    ...(may.includes("settle") ? (["readOnly"] as const) : []),
    ...(may.includes("lock") ? (["locked"] as const) : []),
    ...(owns ? (["listed", "archived"] as const) : []),
  ];
  const switches = shown.flatMap((name) =>
    fields.has(name) === rules[name] ? [] : [[name, fields.has(name)] as const],
  );
  const password = textOf(fields, "password");
  const kind = (["open", "members", "password"] as const).find(
    (each) => each === textOf(fields, "kind"),
  );
  const opens = kind !== undefined && (kind !== rules.kind || password !== "");
  return {
    type: "set",
    ...Object.fromEntries([...numbers, ...switches]),
    ...(fields.has("topic") && topic !== rules.topic ? { topic } : {}),
    ...(opens ? { kind, password } : {}),
  };
}
