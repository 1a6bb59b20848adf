import type { Chat } from "../../chat/chat.ts";
import { NO_SETUP } from "../../chat/accounts/accounts.ts";
import { secretHash } from "../../chat/accounts/secrets.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Records } from "../../model/records.ts";
import {
  button,
  type Card,
  cardPage,
  type DeskDeps,
  field,
  type Form,
  form,
  ownForm,
  wordsOf,
} from "./forms.ts";
import type { Visit } from "./pages.ts";
import { seeOther, statusOf } from "../http/response.ts";
import type { Router } from "../http/router.ts";
import { translate } from "../http/translate.ts";
import { greet, visitOf } from "./visits.ts";

export interface AccountDeps extends DeskDeps {
  readonly chat: Pick<Chat, "accounts">;
  readonly records: Records;
}

/** Adds `/account/` and the page of the set-up link. Everything works without scripts. */
export function addAccounts(router: Router, deps: AccountDeps): void {
  const { sessions } = deps;
  const visited = (
    root: string,
    answer: (visit: Visit, params: Readonly<Record<string, string>>) => Promise<Response>,
  ) => {
    return async (request: Request, params: Readonly<Record<string, string>>) => {
      const visit = visitOf(request, root, sessions);
      return greet(await answer(visit, params), visit, sessions);
    };
  };
  router
    .on(
      "GET",
      "/account/",
      visited("../", (visit) => accountPage(visit, deps)),
    )
    .on(
      "POST",
      "/account/:verb",
      visited("../", (visit, { verb = "" }) => change(visit, verb, deps)),
    )
    .on(
      "GET",
      "/admin/setup",
      visited("../", async (visit) => {
        const token = new URL(visit.request.url).searchParams.get("token") ?? "";
        return setupPage(visit, token, deps);
      }),
    )
    .on(
      "POST",
      "/admin/setup",
      visited("../", (visit) => setUp(visit, deps)),
    );
}

/** What the page shows: claiming and signing in to a guest, the rest to an owner. */
async function accountPage(visit: Visit, deps: AccountDeps, refusal?: Refusal) {
  const { person, request } = visit;
  const w = wordsOf(visit);
  const status = refusal ? statusOf(refusal) : 200;
  const alert = refusal ? translate(refusal, visit.language) : "";
  const card: Card = { heading: w.account, alert };
  if (person.role === "guest") {
    const forms = guestForms(visit);
    return cardPage(visit, deps.sessions, { ...card, text: w.guestText, forms }, status);
  }
  const current = deps.sessions.session(request.headers);
  const sessions = await deps.chat.accounts.sessions(person.id);
  const rows = sessions.map(({ hash, agent, network, seenAt }) => {
    const here = hash === current ? ` (${w.thisOne})` : "";
    const day = new Date(seenAt).toISOString().slice(0, 10);
    return {
      text: `${agent || "?"} · ${network} · ${day}${here}`,
      forms: [button("./end", w.end, { session: hash })],
    };
  });
  const text = `${w.memberText} ${person.name}`;
  const more = { text, forms: ownerForms(visit), rows, listHeading: w.sessions };
  return cardPage(visit, deps.sessions, { ...card, ...more }, status);
}

function guestForms(visit: Visit): readonly Form[] {
  const w = wordsOf(visit);
  const name = field("name", w.name, { value: visit.person.name, autocomplete: "username" });
  const secret = { type: "password" } as const;
  return [
    form("./claim", w.claim, {
      heading: w.claim,
      fields: [
        name,
        field("password", w.choosePassword, { ...secret, autocomplete: "new-password" }),
      ],
    }),
    form("./sign-in", w.signIn, {
      heading: w.signIn,
      fields: [
        name,
        field("password", w.password, { ...secret, autocomplete: "current-password" }),
      ],
    }),
  ];
}

function ownerForms(visit: Visit): readonly Form[] {
  const w = wordsOf(visit);
  const old = field("old", w.oldPassword, { type: "password", autocomplete: "current-password" });
  const next = { type: "password", autocomplete: "new-password" } as const;
  return [
    form("./sign-out", w.signOut),
    form("./password", w.changePassword, {
      heading: w.changePassword,
      fields: [old, field("password", w.newPassword, next)],
    }),
    form("./delete", w.deleteAccount, {
      heading: w.deleteAccount,
      text: w.deleteText,
      fields: [old],
      style: "danger",
    }),
  ];
}

async function change(visit: Visit, verb: string, deps: AccountDeps): Promise<Response> {
  const fields = await ownForm(visit, deps);
  const result = fields instanceof Refusal ? fields : await act(visit, verb, fields, deps);
  return result instanceof Refusal ? accountPage(visit, deps, result) : result;
}

async function act(
  visit: Visit,
  verb: string,
  fields: URLSearchParams,
  { chat: { accounts }, sessions }: AccountDeps,
): Promise<Response | Refusal> {
  const { person, request } = visit;
  const { headers } = request;
  const password = fields.get("password") ?? "";
  const name = fields.get("name") ?? "";
  const own = sessions.session(headers);
  const signedIn = (secret: string | Refusal) =>
    secret instanceof Refusal ? secret : seeOther("./", sessions.issueSession(secret));
  if (person.role === "guest" || own === null) {
    if (verb === "claim") {
      return signedIn(await accounts.claim(person, name, password, deviceOf(visit, sessions)));
    }
    if (verb === "sign-in") {
      return signedIn(await accounts.signIn(name, password, deviceOf(visit, sessions)));
    }
    return new Refusal("notSignedIn");
  }
  const out = () => seeOther("./", sessions.issueSession(null));
  switch (verb) {
    case "sign-out":
      await accounts.signOut(person, own);
      return out();
    case "end": {
      const session = fields.get("session") ?? "";
      await accounts.signOut(person, session);
      return session === own ? out() : seeOther("./");
    }
    case "password": {
      const old = fields.get("old") ?? "";
      return (await accounts.changePassword(person, own, old, password)) ?? seeOther("./");
    }
    case "delete": {
      const count = await accounts.remove(person, fields.get("old") ?? "");
      return count instanceof Refusal ? count : out();
    }
    default:
      return new Refusal("noSuchAddress");
  }
}

async function setupPage(visit: Visit, token: string, deps: AccountDeps, refusal?: Refusal) {
  const w = wordsOf(visit);
  const isIt = await deps.records.accounts.isSetup(secretHash(token));
  const why = refusal ?? (isIt ? null : NO_SETUP);
  const name = field("name", w.name, { autocomplete: "username" });
  const secret = { type: "password", autocomplete: "new-password" } as const;
  const fields = [name, field("password", w.choosePassword, secret)];
  const hidden = [{ name: "setup", value: token }];
  const forms = isIt ? [form("./setup", w.setupSubmit, { fields, hidden })] : [];
  const alert = why ? translate(why, visit.language) : "";
  const card = { heading: w.setupHeading, text: isIt ? w.setupText : "", alert, forms };
  return cardPage(visit, deps.sessions, card, why ? statusOf(why) : 200);
}

async function setUp(visit: Visit, deps: AccountDeps): Promise<Response> {
  const { chat, sessions } = deps;
  const fields = await ownForm(visit, deps);
  if (fields instanceof Refusal) return setupPage(visit, "", deps, fields);
  const token = fields.get("setup") ?? "";
  const secret = await chat.accounts.setUp(
    token,
    visit.person,
    fields.get("name") ?? "",
    fields.get("password") ?? "",
    deviceOf(visit, sessions),
  );
  if (secret instanceof Refusal) return setupPage(visit, token, deps, secret);
  return seeOther("./", sessions.issueSession(secret));
}

function deviceOf({ request }: Visit, sessions: AccountDeps["sessions"]) {
  const { headers } = request;
  return { agent: headers.get("user-agent") ?? "", network: sessions.network(headers) };
}
