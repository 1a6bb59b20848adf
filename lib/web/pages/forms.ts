import { Refusal } from "../../model/base/errors.ts";
import type { Config } from "../../model/config.ts";
import type { Words } from "../../../templates/locales/en.ts";
import { catalogue } from "../http/languages.ts";
import { entryOf } from "../http/origin.ts";
import { page, pageTemplate, type Visit } from "./pages.ts";
import type { Sessions } from "../identity/session.ts";

export interface DeskDeps {
  readonly config: Config;
  readonly sessions: Sessions;
}

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
  /** Where its last link leads, relative to the base path; the lobby, unless it says. */
  readonly back?: string;
  readonly backLabel?: string;
}

const cardTemplate = pageTemplate("card.html");

/** A page of one column: a few words and a few forms. */
export function cardPage(visit: Visit, sessions: Sessions, card: Card, status = 200): Response {
  const w = wordsOf(visit);
  return page(
    visit,
    cardTemplate,
    "",
    {
      w,
      title: `${card.heading} · chatroom`,
      token: sessions.formToken(visit.request.headers, visit.person),
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

export function wordsOf({ language }: Visit): Words {
  return catalogue(language).desk;
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

/** The text fields of a form; none where the body is no form. */
export async function formOf(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get("content-type") ?? "";
  const body = await request.text();
  return new URLSearchParams(type.startsWith("application/x-www-form-urlencoded") ? body : "");
}

/**
 * The fields of a form that one of our own pages sent, for this visitor: by `Sec-Fetch-Site` where
 * the browser says it, by `Origin`, and by the token in the form.
 */
export async function ownForm(
  visit: Visit,
  { config, sessions }: DeskDeps,
): Promise<URLSearchParams | Refusal> {
  const { headers } = visit.request;
  const site = headers.get("sec-fetch-site");
  const entry = entryOf(
    headers.get("origin"),
    headers.get("host"),
    config.origins,
    sessions.isKnown(headers),
  );
  if (entry !== "person" || (site !== null && site !== "same-origin" && site !== "none")) {
    return new Refusal("crossSite");
  }
  const fields = await formOf(visit.request);
  const expected = Buffer.from(sessions.formToken(headers, visit.person));
  const given = Buffer.from(fields.get("token") ?? "");
  if (given.length !== expected.length || !crypto.timingSafeEqual(given, expected)) {
    return new Refusal("formExpired");
  }
  return fields;
}
