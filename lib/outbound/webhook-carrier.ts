import type { Observer } from "../model/base/observer.ts";
import type { Delivery } from "../model/outbound/delivery.ts";
import {
  isFor,
  type Webhook,
  WEBHOOK_FAILING_MS,
  type Webhooks,
} from "../model/outbound/webhook.ts";
import type { Store } from "../model/store.ts";
import type { Message } from "../model/wire/event.ts";
import { type Door, SendFailure } from "./door.ts";
import type { Carrier, Outcome } from "./queue.ts";

/** Messages that are read, and told, in one delivery: with 5 s for each, less than its claim. */
const MOST = 8;
const DONE: Outcome = { kind: "done" };

export interface WebhookCarrierDeps {
  readonly door: Door;
  readonly webhooks: Webhooks;
  readonly store: Pick<Store, "after" | "head">;
  /** Posts an answer to the webhook's room; the same `id` is one message. */
  readonly reply: (webhook: Webhook, id: string, text: string) => Promise<void>;
  /** There is more to deliver. */
  readonly more: () => void;
  readonly observer: Observer;
  readonly now: () => number;
}

/**
 * Tells webhooks of the messages of their rooms, signed as Standard Webhooks 1.0 has it: one by one
 * and in order, each until the webhook takes it.
 */
export class WebhookCarrier implements Carrier {
  constructor(readonly deps: WebhookCarrierDeps) {}

  async carry({ target }: Delivery): Promise<Outcome> {
    const { webhooks, store, more } = this.deps;
    const webhook = await webhooks.find(target);
    if (!webhook?.isOn) return DONE;
    const head = await store.head(webhook.room);
    const { messages } = await store.after(webhook.room, webhook.seq, MOST);
    for (const message of messages) {
      if (isFor(webhook, message)) {
        const failure = await this.#tell(webhook, message);
        if (failure !== null) return this.#failed(webhook, failure);
      }
      await webhooks.advance(webhook.id, message.seq);
    }
    if (messages.length === MOST) more();
    else await webhooks.advance(webhook.id, head);
    return DONE;
  }

  /** Null: it took the message. */
  async #tell({ url, secret, ...webhook }: Webhook, message: Message): Promise<string | null> {
    const { door, reply, now } = this.deps;
    const id = `${webhook.id}-${message.seq}`;
    const timestamp = `${Math.floor(now() / 1_000)}`;
    const { author, seq, text, at, replyTo, files } = message;
    const told = { seq, author, text, at, ...(replyTo && { replyTo }), ...(files && { files }) };
    const body = JSON.stringify({
      type: "message.posted",
      timestamp: new Date(at).toISOString(),
      data: { room: webhook.room, message: told },
    });
    const key = Buffer.from(secret, "base64");
    const signed = new Bun.CryptoHasher("sha256", key).update(`${id}.${timestamp}.${body}`);
    const answer = await door.send({
      method: "POST",
      url,
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signed.digest("base64")}`,
      },
      body,
      redirects: 3,
    });
    if (answer instanceof SendFailure) return answer.reason;
    if (answer.status < 200 || answer.status > 299) return `status ${answer.status}`;
    const said = textOf(answer.body);
    if (said !== "") await reply({ url, secret, ...webhook }, id, said);
    return null;
  }

  async #failed(webhook: Webhook, reason: string): Promise<Outcome> {
    const { webhooks, observer, reply, now } = this.deps;
    const { id, name, room, failingSince } = webhook;
    if (failingSince === 0) await webhooks.mark(id, { failingSince: now(), isOn: true });
    if (failingSince === 0 || now() - failingSince < WEBHOOK_FAILING_MS) {
      return { kind: "failed", reason };
    }
    await webhooks.mark(id, { failingSince, isOn: false });
    observer.log("warn", "webhook switched off", { room, webhook: name, reason });
    const owner = webhook.by.name === "" ? "" : `@${webhook.by.name} `;
    await reply(
      webhook,
      `${id}-off`,
      `${owner}This webhook has failed for a day (${reason}) and was switched off.`,
    );
    return DONE;
  }
}

/** The `text` of a JSON answer; empty: none. */
function textOf(body: Uint8Array): string {
  try {
    const answer: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof answer !== "object" || answer === null || !("text" in answer)) return "";
    return typeof answer.text === "string" ? answer.text.trim() : "";
  } catch {
    return "";
  }
}
