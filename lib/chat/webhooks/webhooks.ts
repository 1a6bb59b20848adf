import type { Observer } from "../../model/base/observer.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Deliveries } from "../../model/outbound/delivery.ts";
import { type Webhook, WEBHOOK_LIMIT, type Webhooks } from "../../model/outbound/webhook.ts";
import { authorOf, botId } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import type { Store } from "../../model/store.ts";
import { programName } from "../accounts/names.ts";
import { postDraft } from "../messages/post-draft.ts";
import type { Post } from "../messages/post.ts";
import type { AccessLookup } from "../moderation/access.ts";

/** Messages that come within this time are delivered together. */
const PAUSE_MS = 100;
/** Webhooks that other nodes have left behind, or made, are found this often. */
export const SWEEP_MS = 15_000;

export interface WebhooksDeps {
  readonly records: Records;
  readonly store: Pick<Store, "head">;
  readonly post: Post;
  readonly accessLookup: AccessLookup;
  readonly queued: () => void;
  readonly observer: Observer;
  readonly now: () => number;
}

export type NewWebhook = Pick<
  Webhook,
  "id" | "room" | "name" | "url" | "trigger" | "word" | "secret" | "by"
>;

/**
 * The webhooks of rooms. Each has a place in its room's log: whatever ends, what comes after it is
 * delivered later.
 */
export class RoomWebhooks {
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly deps: WebhooksDeps) {}

  get #webhooks(): Webhooks {
    return this.deps.records.webhooks;
  }

  list(room: string): Promise<readonly Webhook[]> {
    return this.#webhooks.list(room);
  }

  /** It is told of what is said from now on. */
  async add(made: NewWebhook): Promise<Refusal | null> {
    const { store, now } = this.deps;
    const seq = await store.head(made.room);
    const state = { at: now(), seq, failingSince: 0, isOn: true };
    const isAdded = await this.#webhooks.add({ ...made, ...state });
    return isAdded ? null : new Refusal("webhookLimit", { count: WEBHOOK_LIMIT });
  }

  async remove(room: string, id: string): Promise<Refusal | null> {
    return (await this.#webhooks.remove(room, id)) ? null : new Refusal("noSuchHook");
  }

  /** Something was said in some room. */
  said(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.sweep();
    }, PAUSE_MS);
  }

  /** Queues a delivery for each webhook that is behind. Never rejects. */
  async sweep(): Promise<void> {
    const { records, observer, queued, now } = this.deps;
    try {
      const behind = await this.#webhooks.behind();
      if (behind.length === 0) return;
      await queue(records.deliveries, behind, now());
      queued();
    } catch (fault) {
      observer.log("warn", "webhooks not queued", { fault: String(fault) });
    }
  }

  /** Posts what a webhook has answered, under its name. Refused answers are logged. */
  async reply({ id: webhook, name, room }: Webhook, id: string, text: string): Promise<void> {
    const { records, post, accessLookup, observer, now } = this.deps;
    const bot = botId(`hook-${webhook}`);
    const author = authorOf(bot, await programName(records, [name]));
    const access = await accessLookup.ofProgram(bot, room);
    const draft = { type: "message", id, room, author, text, at: now() } as const;
    const result = await postDraft(post, draft, access);
    if (result instanceof Refusal) {
      observer.log("info", "answer of a webhook refused", { room, webhook: name, why: result.key });
    }
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }
}

function queue(deliveries: Deliveries, webhooks: readonly string[], at: number): Promise<void> {
  const news = { kind: "webhook", topic: "news", payload: "{}", at, dueAt: at };
  return deliveries.add(webhooks.map((target) => ({ ...news, target })));
}
