import { refuseCharacters } from "../../model/text/text.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Words } from "../../../templates/locales/en.ts";
import { catalogue } from "../http/languages.ts";
import type { Context } from "../http/context.ts";
import { page, pageTemplate } from "./pages.ts";

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "password" | "number" | "checkbox";
  readonly value: string;
  readonly autocomplete: string;
  /** Whether it may be left empty. */
  readonly need: "required" | "";
  /** What can be chosen; false: it is typed. */
  readonly options: readonly { readonly value: string; readonly label: string }[] | false;
}

/** A form, or a button. `action` is relative to the page. */
export interface Form {
  readonly action: string;
  readonly submit: string;
  readonly heading: string;
  readonly text: string;
  readonly fields: readonly Field[];
  readonly hidden: readonly { readonly name: string; readonly value: string }[];
  readonly style: "primary" | "danger" | "quiet";
}

/** A device that is signed in: what it is, its `User-Agent`, and when it was last here. */
export interface CardRow {
  readonly text: string;
  readonly agent: string;
  /** In ISO 8601, and its day as it is shown without scripts. */
  readonly time: string;
  readonly day: string;
  readonly forms: readonly Form[];
}

export interface Card {
  readonly heading: string;
  readonly text?: string;
  readonly alert?: string;
  readonly forms?: readonly Form[];
  readonly listHeading?: string;
  readonly rows?: readonly CardRow[];
  /** The page's own address, relative to the base path, where `GET` finds it; empty: the lobby. */
  readonly here?: string;
  /** The target of the last link, relative to the base path; by default the lobby. */
  readonly back?: string;
  readonly backLabel?: string;
}

const cardTemplate = pageTemplate("card.html");

/** A page of one column with text and forms. */
export function cardPage(context: Context, card: Card, status = 200): Response {
  const w = wordsOf(context);
  return page(
    context,
    cardTemplate,
    card.here ?? "",
    {
      w,
      title: `${card.heading} · chatroom`,
      token: formToken(context),
      text: "",
      alert: "",
      forms: [],
      rows: false,
      listHeading: "",
      back: "",
      backLabel: w.toLobby,
      ...card,
    },
    status,
  );
}

export function wordsOf({ language }: Context): Words {
  return catalogue(language).forms;
}

export function form(action: string, submit: string, more: Partial<Form> = {}): Form {
  return {
    action,
    submit,
    heading: "",
    text: "",
    fields: [],
    hidden: [],
    style: "primary",
    ...more,
  };
}

/** Verbs that take something away from someone; their buttons look so. */
const DESTRUCTIVE: ReadonlySet<string> = new Set([
  "kick",
  "ask-ban",
  "ban-person",
  "lock",
  "archive",
  "upheld",
  "revoke",
  "untoken",
  "end-token",
]);

/** A form that consists of a button and hidden values. */
export function button(action: string, submit: string, values: Readonly<Record<string, string>>) {
  const hidden = Object.entries(values).map(([name, value]) => ({ name, value }));
  const style = DESTRUCTIVE.has(values["verb"] ?? "") ? "danger" : "quiet";
  return form(action, submit, { hidden, style });
}

/** Where a form may redirect to: a page of this chat, never another site. */
const NEXT =
  /^(?:(?:rooms|people)\/[^/\\?#]{1,600}|account\/|invite\/[\w-]{1,128}|admin\/(?:[a-z]{1,32}|setup\?token=[\w-]{0,128})?)?$/;

/** The page of this chat that a form asks to be sent on to, relative to the base path; null: none. */
export function nextOf(asked: string | null): string | null {
  if (asked === null || !NEXT.test(asked)) return null;
  // Percent-encoded, as a header needs it, whether it came so or not.
  return new URL(asked, "http://x/").href.slice("http://x/".length);
}

export function field(name: string, label: string, more: Partial<Field> = {}): Field {
  const typed = { type: "text", value: "", need: "required", options: false } as const;
  return { name, label, ...typed, autocomplete: "off", ...more };
}

/**
 * The text fields of a form; empty if the body is not a form. Refused if any contains characters
 * that cannot be stored.
 */
export async function formOf(request: Request): Promise<URLSearchParams | Refusal> {
  const type = request.headers.get("content-type") ?? "";
  const body = await request.text();
  const isForm = type.startsWith("application/x-www-form-urlencoded");
  const fields = new URLSearchParams(isForm ? body : "");
  for (const value of fields.values()) {
    const refusal = refuseCharacters(value);
    if (refusal) return refusal;
  }
  return fields;
}

/** The token in this person's forms, which protects against forged ones. */
export function formToken({ sessions, session, person }: Context): string {
  return sessions.formToken(session, person);
}

/**
 * The fields of a form sent by one of our own pages for this visitor, according to the browser and
 * the form's token.
 */
export async function ownForm(context: Context): Promise<URLSearchParams | Refusal> {
  if (context.entry !== "person") return new Refusal("crossSite");
  const fields = await formOf(context.request);
  if (fields instanceof Refusal) return fields;
  const expected = Buffer.from(formToken(context));
  const given = Buffer.from(fields.get("token") ?? "");
  if (given.length !== expected.length || !crypto.timingSafeEqual(given, expected)) {
    return new Refusal("formExpired");
  }
  return fields;
}
