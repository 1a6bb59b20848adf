import { Refusal } from "../base/errors.ts";
import { personName } from "../people/person.ts";

/** One call of an incoming webhook. */
export interface HookMessage {
  readonly text: string;
  readonly name: string | null;
}

/**
 * Reads the payload of Slack's incoming webhooks: `text`, and `username` if it is a valid name;
 * everything else is ignored. (Slack's manual, "Sending messages using incoming webhooks".)
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
 * Converts Slack's mark-up: `<https://a.example|words>` is a link, `<!here>` a mention, and
 * `&amp;`, `&lt;`, `&gt;` are escapes.
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
