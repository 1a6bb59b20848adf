import type { Observer } from "../model/base/observer.ts";
import type { Delivery } from "../model/outbound/delivery.ts";
import {
  isEndpoint,
  type Notice,
  type PushCall,
  type PushSubscription,
  type PushSubscriptions,
} from "../model/outbound/push.ts";
import { encryptPush } from "./aes128gcm.ts";
import { type Door, SendFailure } from "./door.ts";
import type { Carrier, Outcome } from "./queue.ts";
import { fromBase64url, type Vapid } from "./vapid.ts";

/** How long a push service keeps a notice for a browser that is off: a day. */
const TTL_SECONDS = 24 * 60 * 60;
/** With encryption less than 3 KiB, which every service takes; longer text is cut far below. */
const NOTICE_BYTES = 2_900;
const DONE: Outcome = { kind: "done" };

export interface PushCarrierDeps {
  readonly door: Door;
  readonly vapid: Vapid;
  readonly subscriptions: PushSubscriptions;
  readonly hosts: readonly string[];
  readonly notice: (to: PushSubscription, call: PushCall) => Promise<Notice | null>;
  readonly observer: Observer;
  readonly now: () => number;
}

/** Sends notices to push services (RFC 8030), each encrypted for its browser. */
export class PushCarrier implements Carrier {
  constructor(readonly deps: PushCarrierDeps) {}

  async carry({ target, topic, payload }: Delivery): Promise<Outcome> {
    const { door, vapid, subscriptions, hosts, notice, now } = this.deps;
    const subscription = await subscriptions.find(target);
    const call = callOf(payload);
    if (!subscription || !call || !isEndpoint(subscription.endpoint, hosts)) return DONE;
    const shown = await notice(subscription, call);
    const message = new TextEncoder().encode(JSON.stringify(shown));
    if (!shown || message.length > NOTICE_BYTES) return DONE;
    const { endpoint, p256dh, auth } = subscription;
    const body = await encryptPush(message, fromBase64url(p256dh), fromBase64url(auth));
    const answer = await door.send({
      method: "POST",
      url: endpoint,
      headers: {
        authorization: await vapid.authorization(endpoint, now()),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        ttl: `${TTL_SECONDS}`,
        // At most 32 characters of base64url, by which a service replaces what still waits there.
        topic: new Bun.CryptoHasher("sha256").update(topic).digest("base64url").slice(0, 32),
        urgency: "high",
      },
      body,
      redirects: 0,
    });
    if (answer instanceof SendFailure) return { kind: "failed", reason: answer.reason };
    const { status, headers } = answer;
    if (status >= 200 && status < 300) return DONE;
    if (status === 404 || status === 410) {
      await subscriptions.remove(target, null);
      return DONE;
    }
    const seconds = Number(headers.get("retry-after") ?? 0);
    const afterMs = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 3_600) * 1_000 : 0;
    return { kind: "failed", reason: `status ${status}`, afterMs };
  }
}

function callOf(payload: string): PushCall | null {
  const call: unknown = JSON.parse(payload);
  if (typeof call !== "object" || call === null || !("room" in call && "seq" in call)) return null;
  const { room, seq } = call;
  return typeof room === "string" && typeof seq === "number" ? { room, seq } : null;
}
