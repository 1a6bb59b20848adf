import { Refusal } from "../base/errors.ts";
import { clean, fits, isSeq, isShort, isWhole, SHORT } from "./check.ts";
import {
  GIVEN_ROLES,
  type ModeratePerson,
  type ModerationRequest,
  REASON_LIMIT,
  type Settable,
  type SetRules,
  VERBS,
} from "./moderation.ts";

/** Names that are asked for at once. */
const MOST_NAMES = 100;
/** The longest mute or ban with an end: 366 days, in seconds. */
const MOST_SECONDS = 366 * 24 * 60 * 60;

type Fields = Readonly<Record<string, unknown>>;

/** Decodes a frame of this `type`; refuses an unknown type. */
export function decodeModeration(type: unknown, fields: Fields): ModerationRequest | Refusal {
  switch (type) {
    case "person": {
      const { id } = fields;
      return isShort(id) ? { type, id } : new Refusal("idString", { count: SHORT });
    }
    case "moderate":
      return decodeModerate(fields);
    case "report": {
      const { seq, reason = "" } = fields;
      if (!isSeq(seq)) return new Refusal("messageNumber", { name: "seq" });
      return isReason(reason) ? { type, seq, reason } : badReason();
    }
    case "pin": {
      const { seq, on } = fields;
      if (!isSeq(seq)) return new Refusal("messageNumber", { name: "seq" });
      return typeof on === "boolean" ? { type, seq, on } : new Refusal("boolean", { name: "on" });
    }
    case "settle": {
      const { id, state } = fields;
      if (!isSeq(id)) return new Refusal("wholeNumber", { name: "id" });
      if (state === "upheld" || state === "dismissed") return { type, id, state };
      return oneOf("state", ["upheld", "dismissed"]);
    }
    case "set":
      return decodeSet(fields);
    case "invite": {
      const { days, uses } = fields;
      if (!isWhole(days, 1, 90) || !isWhole(uses, 1, 1_000)) return new Refusal("linkRange");
      return { type, days, uses };
    }
    case "called": {
      const { names } = fields;
      const isOne = Array.isArray(names) && names.length > 0 && names.length <= MOST_NAMES;
      if (isOne && names.every(isShort)) return { type, names };
      return new Refusal("names", { count: MOST_NAMES });
    }
    case "reports":
    case "roles":
    case "rules":
      return { type };
    default:
      return new Refusal("unknownType");
  }
}

function decodeModerate(fields: Fields): ModeratePerson | Refusal {
  const { person, seconds, reason = "", everywhere = false, address = false } = fields;
  const verb = VERBS.find((each) => each === fields["verb"]);
  if (!verb) return oneOf("verb", VERBS);
  if (!isShort(person)) return new Refusal("shortString", { name: "person", count: SHORT });
  if (!isReason(reason)) return badReason();
  if (typeof everywhere !== "boolean") return new Refusal("boolean", { name: "everywhere" });
  if (typeof address !== "boolean") return new Refusal("boolean", { name: "address" });
  const base = { type: "moderate", verb, person, reason, everywhere, address } as const;
  if (verb === "role") {
    const role = GIVEN_ROLES.find((each) => each === fields["role"]);
    return role ? { ...base, role } : oneOf("role", GIVEN_ROLES);
  }
  if (seconds === undefined) return base;
  if (isWhole(seconds, 1, MOST_SECONDS)) return { ...base, seconds };
  return new Refusal("range", { name: "seconds", least: 1, most: MOST_SECONDS });
}

const SWITCHES = ["readOnly", "locked", "archived", "listed"] as const;
const NUMBERS = ["slow", "keepDays", "keepCount"] as const;
const KINDS = ["open", "password", "members"] as const;

function decodeSet(fields: Fields): SetRules | Refusal {
  const { topic, password = "" } = fields;
  const rules: { -readonly [Rule in keyof Settable]: Settable[Rule] } = {};
  if (topic !== undefined) {
    if (typeof topic !== "string" || !clean(topic)) return new Refusal("string", { name: "topic" });
    rules.topic = topic;
  }
  for (const name of SWITCHES) {
    const value = fields[name];
    if (value === undefined) continue;
    if (typeof value !== "boolean") return new Refusal("boolean", { name });
    rules[name] = value;
  }
  for (const name of NUMBERS) {
    const value = fields[name];
    if (value === undefined) continue;
    if (typeof value !== "number") return new Refusal("wholeNumber", { name });
    rules[name] = value;
  }
  if (typeof password !== "string" || !clean(password)) {
    return new Refusal("string", { name: "password" });
  }
  const kind = KINDS.find((each) => each === fields["kind"]);
  if (fields["kind"] !== undefined && !kind) return oneOf("kind", KINDS);
  return { type: "set", ...rules, password, ...(kind ? { kind } : {}) };
}

function isReason(value: unknown): value is string {
  return typeof value === "string" && clean(value) && fits(value, REASON_LIMIT);
}

// Made when it is needed: a constant of this module would bring all refusals into the page's script.
const badReason = () => new Refusal("shortString", { name: "reason", count: REASON_LIMIT });

function oneOf(name: string, values: readonly string[]): Refusal {
  return new Refusal("oneOf", { name, values: values.join(", ") });
}
