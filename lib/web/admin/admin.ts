import type { Chat } from "../../chat/chat.ts";
import type { ConnectionDirectory } from "../../chat/moderation/finder.ts";
import type { Files } from "../../model/files/files.ts";
import type { Records } from "../../model/records.ts";
import type { Store } from "../../model/store.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Samples } from "../../ops/samples.ts";
import { act } from "./verbs.ts";
import { type Table, tableOf, SECTIONS, type Section } from "./tables.ts";
import { settingsForms } from "./settings.ts";
import { numbersOf } from "./numbers.ts";
import {
  button,
  cardPage,
  type DeskDeps,
  type Form,
  field,
  form,
  ownForm,
  wordsOf,
} from "../pages/forms.ts";
import { errorPage, page, pageTemplate, type Visit } from "../pages/pages.ts";
import { seeOther, statusOf } from "../http/response.ts";
import type { Router } from "../http/router.ts";
import { translate } from "../http/translate.ts";
import type { Sockets } from "../socket/sockets.ts";
import { greet, visitOf } from "../pages/visits.ts";

export interface AdminDeps extends DeskDeps {
  readonly chat: Pick<Chat, "messages" | "limits" | "moderation" | "accounts">;
  readonly store: Store;
  readonly records: Records;
  readonly files: Files;
  readonly directory: ConnectionDirectory;
  readonly now: () => number;
  readonly samples: Samples;
  readonly sockets: Sockets;
}

const deskTemplate = pageTemplate("desk.html");
const numbersTemplate = pageTemplate("numbers.html");

/** Adds `/admin/`: for administrators, in both languages, with scripts only for the live numbers. */
export function addAdmin(router: Router, deps: AdminDeps): void {
  const { sessions } = deps;
  const guarded = (answer: (visit: Visit, section: Section) => Promise<Response>) => {
    return async (request: Request, { section = "now" }: Readonly<Record<string, string>>) => {
      const visit = visitOf(request, "../", sessions);
      const known = SECTIONS.find((each) => each === section);
      if (visit.person.role !== "admin") return greet(noEntry(visit, deps), visit, sessions);
      return known ? answer(visit, known) : errorPage(visit, 404);
    };
  };
  router
    .on(
      "GET",
      "/admin/",
      guarded((visit) => show(visit, "now", deps)),
    )
    .on("GET", "/admin/numbers", (request) => {
      const visit = visitOf(request, "../", sessions);
      if (visit.person.role !== "admin") return noEntry(visit, deps);
      return page(visit, numbersTemplate, "", numbersValues(visit, deps), 200);
    })
    .on(
      "GET",
      "/admin/:section",
      guarded((visit, section) => show(visit, section, deps)),
    )
    .on(
      "POST",
      "/admin/:section",
      guarded((visit, section) => change(visit, section, deps)),
    );
}

function noEntry(visit: Visit, { sessions }: AdminDeps): Response {
  const w = wordsOf(visit);
  const card = { heading: w.administration, alert: w.adminsOnly, back: "account/" };
  return cardPage(visit, sessions, { ...card, backLabel: w.signIn }, 403);
}

function numbersValues(visit: Visit, { samples }: AdminDeps) {
  const w = wordsOf(visit);
  return { w, numbers: numbersOf(samples.list(), w) };
}

async function show(visit: Visit, section: Section, deps: AdminDeps, alert = "", status = 200) {
  const w = wordsOf(visit);
  const { searchParams } = new URL(visit.request.url);
  const table: Table | null = await tableOf(visit, section, searchParams, deps);
  const values = {
    ...numbersValues(visit, deps),
    title: `${w[section]} · chatroom`,
    heading: w[section],
    alert: alert || (searchParams.has("done") ? w.done : ""),
    live: section === "now",
    sections: SECTIONS.map((name) => ({ name, label: w[name], current: name === section })),
    token: deps.sessions.formToken(visit.request.headers, visit.person),
    table: table ?? false,
    forms: formsOf(visit, section, deps),
  };
  return page(visit, deskTemplate, `admin/${section}`, values, status);
}

function formsOf(visit: Visit, section: Section, deps: AdminDeps): readonly Form[] {
  const w = wordsOf(visit);
  if (section === "settings") return settingsForms(w, deps.chat.limits.floods.settings);
  if (section === "tokens") {
    const { hidden } = button("", "", { verb: "token" });
    const fields = [field("name", w.name), field("room", w.room)];
    return [
      form("./tokens", w.newToken, { heading: w.newToken, text: w.tokenText, fields, hidden }),
    ];
  }
  if (section !== "bans") return [];
  const { hidden } = button("", "", { verb: "ban" });
  const fields = [field("subject", w.subject), field("reason", w.reason)];
  return [form("./bans", w.ban, { heading: w.banAddress, fields, hidden })];
}

async function change(visit: Visit, section: Section, deps: AdminDeps): Promise<Response> {
  const fields = await ownForm(visit, deps);
  const result = fields instanceof Refusal ? fields : await act(visit, fields, deps);
  await deps.sockets.enforcement.settled();
  if (!result) return seeOther(`./${section}?done`);
  if (!(result instanceof Refusal)) return show(visit, section, deps, result.text);
  return show(visit, section, deps, translate(result, visit.language), statusOf(result));
}
