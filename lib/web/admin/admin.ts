import type { Chat } from "../../chat/chat.ts";
import type { ConnectionDirectory } from "../../chat/moderation/finder.ts";
import type { Files } from "../../model/files/files.ts";
import type { Records } from "../../model/records.ts";
import type { Store } from "../../model/store.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Samples } from "../../ops/samples.ts";
import { botForm } from "./bots.ts";
import { act } from "./verbs.ts";
import { type Table, tableOf, SECTIONS, type Section } from "./tables.ts";
import { banCard, durationField } from "./ban.ts";
import { settingsForms } from "./settings.ts";
import { numbersOf } from "./numbers.ts";
import {
  button,
  cardPage,
  type Form,
  field,
  form,
  formToken,
  ownForm,
  wordsOf,
} from "../pages/forms.ts";
import type { Context } from "../http/context.ts";
import { page, pageTemplate } from "../pages/pages.ts";
import { seeOther, statusOf } from "../http/response.ts";
import type { Answer, Route } from "../http/router.ts";
import { translate } from "../http/translate.ts";
import type { Sockets } from "../socket/sockets.ts";

export interface AdminDeps {
  readonly chat: Pick<Chat, "messages" | "limits" | "moderation" | "accounts">;
  readonly store: Store;
  readonly records: Records;
  readonly files: Files;
  readonly directory: ConnectionDirectory;
  readonly now: () => number;
  readonly samples: Samples;
  readonly sockets: Sockets;
}

const adminTemplate = pageTemplate("admin.html");
const numbersTemplate = pageTemplate("numbers.html");

/** `/admin/`, for administrators, in every language. Scripts are used only for the live numbers. */
export function adminRoutes(deps: AdminDeps): readonly Route[] {
  const guarded = (answer: (context: Context, section: Section) => Promise<Answer>) => {
    return async (context: Context): Promise<Answer> => {
      if (context.person.role !== "admin") return noEntry(context);
      const { section = "now" } = context.params;
      const known = SECTIONS.find((each) => each === section);
      return known ? answer(context, known) : new Refusal("noSuchAddress");
    };
  };
  const showSection = guarded((context, section) => show(context, section, deps));
  return [
    { method: "GET", path: "/admin/", handle: showSection, limit: "page", greets: true },
    {
      method: "GET",
      path: "/admin/numbers",
      handle: guarded(async (context) =>
        page(context, numbersTemplate, "", numbersValues(context, deps), 200),
      ),
      limit: "page",
    },
    { method: "GET", path: "/admin/:section", handle: showSection, limit: "page", greets: true },
    {
      method: "POST",
      path: "/admin/:section",
      handle: guarded((context, section) => change(context, section, deps)),
      limit: "form",
      greets: true,
    },
  ];
}

function noEntry(context: Context): Response {
  const w = wordsOf(context);
  const own = { here: "admin/", heading: w.administration, alert: w.adminsOnly };
  const card = { ...own, back: "account/" };
  return cardPage(context, { ...card, backLabel: w.signIn }, 403);
}

function numbersValues(context: Context, { samples }: AdminDeps) {
  const w = wordsOf(context);
  return { w, numbers: numbersOf(samples.list(), w) };
}

interface Told {
  /** Why something was refused. */
  readonly alert?: string;
  /** What was done. */
  readonly done?: string;
  readonly status?: number;
}

async function show(context: Context, section: Section, deps: AdminDeps, told: Told = {}) {
  const { alert = "", done = "", status = 200 } = told;
  const w = wordsOf(context);
  const { searchParams } = context.url;
  const table: Table | null = await tableOf(context, section, searchParams, deps);
  const values = {
    ...numbersValues(context, deps),
    title: `${w[section]} · chatroom`,
    heading: w[section],
    alert,
    done: done || (searchParams.has("done") ? w.done : ""),
    live: section === "now",
    sections: SECTIONS.map((name) => ({ name, label: w[name], current: name === section })),
    token: formToken(context),
    table: table ?? false,
    forms: formsOf(context, section, deps),
  };
  return page(context, adminTemplate, `admin/${section}`, values, status);
}

function formsOf(context: Context, section: Section, deps: AdminDeps): readonly Form[] {
  const w = wordsOf(context);
  if (section === "settings") return settingsForms(w, deps.chat.limits.floods.settings);
  if (section === "bots") return [botForm(w)];
  if (section === "tokens") {
    const { hidden } = button("", "", { verb: "token" });
    const fields = [field("name", w.name), field("room", w.room)];
    return [
      form("./tokens", w.newToken, { heading: w.newToken, text: w.tokenText, fields, hidden }),
    ];
  }
  if (section !== "bans") return [];
  const { hidden } = button("", "", { verb: "ban" });
  const reason = field("reason", w.reason, { need: "" });
  const fields = [field("subject", w.subject), durationField(w), reason];
  return [form("./bans", w.ban, { heading: w.banAddress, fields, hidden })];
}

async function change(context: Context, section: Section, deps: AdminDeps): Promise<Response> {
  const fields = await ownForm(context);
  if (!(fields instanceof Refusal) && fields.get("verb") === "ask-ban") {
    return banCard(context, fields, deps.directory);
  }
  const result = fields instanceof Refusal ? fields : await act(context, fields, deps);
  if (!result) return seeOther(`./${section}?done`);
  if (!(result instanceof Refusal)) return show(context, section, deps, { done: result.text });
  const alert = translate(result, context.language);
  return show(context, section, deps, { alert, status: statusOf(result) });
}
