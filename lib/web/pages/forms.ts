import { refuseCharacters } from "../../model/text/text.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Words } from "../../../templates/locales/en.ts";
import { catalogue } from "../http/languages.ts";
import type { Context } from "../http/context.ts";
import { page, pageTemplate } from "./pages.ts";

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "password" | "number";
  readonly value: string;
  readonly autocomplete: string;
}

/** A form, or a button that is one. `action` is relative to the page. */
export interface Form {
  readonly action: string;
  readonly submit: string;
  readonly heading: string;
  readonly text: string;
  readonly fields: readonly Field[];
  readonly hidden: readonly { readonly name: string; readonly value: string }[];
  readonly style: "primary" | "danger" | "quiet";
}

export interface Card {
  readonly heading: string;
  readonly text?: string;
  readonly alert?: string;
  readonly forms?: readonly Form[];
  readonly listHeading?: string;
  readonly rows?: readonly { readonly text: string; readonly forms: readonly Form[] }[];
  /** The page's own address, relative to the base path, where `GET` finds it; empty: the lobby. */
  readonly here?: string;
  /** Where its last link leads, relative to the base path; the lobby, unless it says. */
  readonly back?: string;
  readonly backLabel?: string;
}

const cardTemplate = pageTemplate("card.html");

/** A page of one column: a few words and a few forms. */
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

/** A button that sends these values. */
export function button(action: string, submit: string, values: Readonly<Record<string, string>>) {
  const hidden = Object.entries(values).map(([name, value]) => ({ name, value }));
  return form(action, submit, { hidden, style: "quiet" });
}

export function field(name: string, label: string, more: Partial<Field> = {}): Field {
  return { name, label, type: "text", value: "", autocomplete: "off", ...more };
}

/**
 * The text fields of a form; none where the body is no form. Refused where one of them has characters
 * that cannot be stored, whatever it is for.
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

/** What each form for this person carries, so that nobody else can have written it. */
export function formToken({ sessions, session, person }: Context): string {
  return sessions.formToken(session, person);
}

/**
 * The fields of a form that one of our own pages sent, for this visitor: by where the browser says it
 * comes from, and by the token in the form.
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
