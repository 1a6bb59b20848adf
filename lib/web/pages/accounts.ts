import type { Chat } from "../../chat/chat.ts";
import { NO_SETUP } from "../../chat/accounts/accounts.ts";
import { secretHash } from "../../chat/accounts/secrets.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Records } from "../../model/records.ts";
import { parseUserAgent } from "../../model/text/device.ts";
import { fill } from "../../model/text/locale.ts";
import {
  button,
  type Card,
  cardPage,
  field,
  type Form,
  form,
  nextOf,
  ownForm,
  wordsOf,
} from "./forms.ts";
import type { Context } from "../http/context.ts";
import { seeOther, statusOf } from "../http/response.ts";
import type { Route } from "../http/router.ts";
import { translate } from "../http/translate.ts";

export interface AccountDeps {
  readonly chat: Pick<Chat, "accounts">;
  readonly records: Records;
}

/** `/account/` and the page of the set-up link. Everything works without scripts. */
export function accountRoutes(deps: AccountDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/account/",
      handle: (context) => accountPage(context, deps),
      limit: "page",
      greets: true,
    },
    {
      method: "POST",
      path: "/account/:verb",
      handle: (context) => change(context, deps),
      limit: "form",
      greets: true,
    },
    {
      method: "GET",
      path: "/admin/setup",
      handle: (context) => setupPage(context, context.url.searchParams.get("token") ?? "", deps),
      limit: "page",
      greets: true,
    },
    {
      method: "POST",
      path: "/admin/setup",
      handle: (context) => setUp(context, deps),
      limit: "form",
      greets: true,
    },
  ];
}

/** Guests can claim a name and sign in; owners see everything else. */
async function accountPage(
  context: Context,
  deps: AccountDeps,
  refusal?: Refusal,
  next = nextOf(context.url.searchParams.get("next")),
) {
  const { person } = context;
  const w = wordsOf(context);
  const status = refusal ? statusOf(refusal) : 200;
  const alert = refusal ? translate(refusal, context.language) : "";
  const card: Card = { heading: w.account, alert, here: "account/" };
  if (person.role === "guest") {
    const forms = guestForms(context, next);
    return cardPage(context, { ...card, text: w.guestText, forms }, status);
  }
  const sessions = await deps.chat.accounts.sessions(person.id);
  const rows = sessions.map(({ hash, agent, network, seenAt }) => {
    const here = hash === context.session ? ` (${w.thisOne})` : "";
    const { program, system } = parseUserAgent(agent);
    const known = [program, system].filter((each) => each !== "");
    const device =
      known.length === 2 ? fill(w.device, { program, system }) : (known[0] ?? w.unknownDevice);
    const time = new Date(seenAt).toISOString();
    return {
      text: `${device} · ${network}${here}`,
      agent,
      time,
      day: time.slice(0, 10),
      forms: [button("./end", w.end, { session: hash })],
    };
  });
  const text = `${w.memberText} ${person.name}`;
  const more = { text, forms: ownerForms(context), rows, listHeading: w.sessions };
  return cardPage(context, { ...card, ...more }, status);
}

/** Claiming a name and signing in, from which one goes on to `next`. */
function guestForms(context: Context, next: string | null): readonly Form[] {
  const w = wordsOf(context);
  const hidden = next === null ? [] : [{ name: "next", value: next }];
  const name = field("name", w.name, { value: context.person.name, autocomplete: "username" });
  const secret = { type: "password" } as const;
  const claim = form("./claim", w.claim, {
    hidden,
    heading: w.claim,
    fields: [
      name,
      field("password", w.choosePassword, { ...secret, autocomplete: "new-password" }),
    ],
  });
  const signIn = form("./sign-in", w.signIn, {
    hidden,
    heading: w.signIn,
    fields: [name, field("password", w.password, { ...secret, autocomplete: "current-password" })],
  });
  // Who was sent here to sign in finds that first.
  return next === null ? [claim, signIn] : [signIn, claim];
}

function ownerForms(context: Context): readonly Form[] {
  const w = wordsOf(context);
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

async function change(context: Context, deps: AccountDeps): Promise<Response> {
  const fields = await ownForm(context);
  const result = fields instanceof Refusal ? fields : await act(context, fields, deps);
  if (!(result instanceof Refusal)) return result;
  const next = fields instanceof Refusal ? null : nextOf(fields.get("next"));
  return accountPage(context, deps, result, next);
}

async function act(
  context: Context,
  fields: URLSearchParams,
  { chat: { accounts } }: AccountDeps,
): Promise<Response | Refusal> {
  const { person, sessions, session: own } = context;
  const { verb = "" } = context.params;
  const password = fields.get("password") ?? "";
  const name = fields.get("name") ?? "";
  const next = nextOf(fields.get("next"));
  const signedIn = (secret: string | Refusal) =>
    secret instanceof Refusal
      ? secret
      : seeOther(next === null ? "./" : `../${next}`, sessions.issueSession(secret));
  if (person.role === "guest" || own === null) {
    if (verb === "claim") {
      return signedIn(await accounts.claim(person, name, password, deviceOf(context)));
    }
    if (verb === "sign-in") {
      return signedIn(await accounts.signIn(name, password, deviceOf(context)));
    }
    return new Refusal("notSignedIn");
  }
  const out = () => {
    const response = seeOther("./", sessions.issueSession(null));
    // Files of rooms that the next user of the browser may not read.
    response.headers.set("clear-site-data", '"cache"');
    return response;
  };
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

async function setupPage(context: Context, token: string, deps: AccountDeps, refusal?: Refusal) {
  const w = wordsOf(context);
  const isIt = await deps.records.accounts.isSetup(secretHash(token));
  const why = refusal ?? (isIt ? null : NO_SETUP);
  const name = field("name", w.name, { autocomplete: "username" });
  const secret = { type: "password", autocomplete: "new-password" } as const;
  const fields = [name, field("password", w.choosePassword, secret)];
  const hidden = [{ name: "setup", value: token }];
  const forms = isIt ? [form("./setup", w.setupSubmit, { fields, hidden })] : [];
  const alert = why ? translate(why, context.language) : "";
  const here = `admin/setup?${new URLSearchParams({ token })}`;
  const card = { here, heading: w.setupHeading, text: isIt ? w.setupText : "", alert, forms };
  return cardPage(context, card, why ? statusOf(why) : 200);
}

async function setUp(context: Context, deps: AccountDeps): Promise<Response> {
  const { accounts } = deps.chat;
  const fields = await ownForm(context);
  if (fields instanceof Refusal) return setupPage(context, "", deps, fields);
  const token = fields.get("setup") ?? "";
  const secret = await accounts.setUp(
    token,
    context.person,
    fields.get("name") ?? "",
    fields.get("password") ?? "",
    deviceOf(context),
  );
  if (secret instanceof Refusal) return setupPage(context, token, deps, secret);
  return seeOther("./", context.sessions.issueSession(secret));
}

function deviceOf({ request, network }: Context) {
  return { agent: request.headers.get("user-agent") ?? "", network };
}
