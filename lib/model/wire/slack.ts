import { Refusal } from "../base/errors.ts";
import { personName } from "../people/person.ts";

/** What one call of an incoming webhook says. */
export interface HookMessage {
  readonly text: string;
  readonly name: string | null;
}

/**
 * Reads what Slack's incoming webhooks take: `text`, and `username` if it is a name; all else is
 * passed over. (Slack's manual, "Sending messages using incoming webhooks".)
 */
export function hookMessage(json: unknown): HookMessage | Refusal {
  const fields: Record<string, unknown> =
    typeof json === "object" && json !== null ? { ...json } : {};
  const { text, username } = fields;
  if (typeof text !== "string") return new Refusal("string", { name: "text" });
  const name = typeof username === "string" ? personName(username) : null;
  return { text: plain(text), name: typeof name === "string" ? name : null };
}

/**
 * Slack's own marks as everyone writes them: `<https://a.example|words>` is a link with words,
 * `<!here>` a mention, and `&amp;`, `&lt;`, `&gt;` stand for themselves.
 */
function plain(text: string): string {
  return text
    .replace(/<([^<>|]+)\|([^<>]+)>/g, (_, address: string, words: string) =>
      /^(?:https?:|mailto:)/.test(address) ? `[${words}](${address})` : words,
    )
    .replace(/<((?:https?|mailto):[^<>]+)>/g, "$1")
    .replace(/<[!@#]([^<>]+)>/g, "@$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
