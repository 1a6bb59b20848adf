import { readGrant } from "../../chat/accounts/bots.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Actor } from "../../chat/moderation/moderate.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Records } from "../../model/records.ts";
import type { Words } from "../../../templates/locales/en.ts";
import { button, field, type Form, form } from "../pages/forms.ts";
import { type Ask, type Lines, type Row, text, when } from "./cells.ts";

/** The number of characters shown of a token's hash. */
const SHOWN = 12;

/** The tokens of bots. */
export async function botLines(
  { query, offset, limit }: Ask,
  w: Words,
  { records }: { readonly records: Pick<Records, "accounts"> },
): Promise<Lines> {
  const tokens = await records.accounts.tokens(query, offset, limit);
  const rows = tokens.map(({ hash, bot, scopes, rooms, createdAt, usedAt }): Row => {
    return {
      action: "bot",
      cells: [
        text(bot.name),
        text(hash.slice(0, SHOWN)),
        text(scopes.join(" ")),
        text(rooms.join(" ") || w.everywhere),
        when(createdAt),
        usedAt === 0 ? text(w.never) : when(usedAt),
      ],
      forms: [button("./bots", w.revoke, { verb: "end-token", hash })],
    };
  });
  return [[w.name, "id", w.scopes, w.rooms, w.created, w.lastUsed], rows];
}

/** The form that creates a token and, with its first token, the bot. */
export function botForm(w: Words): Form {
  const { hidden } = button("", "", { verb: "bot-token" });
  const fields = [
    field("name", w.name),
    field("scopes", w.scopes, { value: "read post" }),
    field("rooms", w.tokenRooms, { value: "*" }),
  ];
  return form("./bots", w.newToken, { heading: w.newToken, text: w.botText, fields, hidden });
}

type Deps = { readonly chat: Pick<Chat, "accounts"> };

/** Resolves to the secret of the new token. */
export async function makeToken(
  { author }: Actor,
  fields: URLSearchParams,
  { chat }: Deps,
): Promise<string | Refusal> {
  const grant = readGrant(fields.get("scopes") ?? "", fields.get("rooms") ?? "");
  if (grant instanceof Refusal) return grant;
  const issued = await chat.accounts.bots.issue(author, fields.get("name") ?? "", grant);
  return issued instanceof Refusal ? issued : issued.secret;
}

export async function endToken(
  { author }: Actor,
  fields: URLSearchParams,
  { chat }: Deps,
): Promise<Refusal | null> {
  const token = await chat.accounts.bots.find(fields.get("hash") ?? "");
  if (token instanceof Refusal) return token;
  await chat.accounts.bots.end(author, token);
  return null;
}
