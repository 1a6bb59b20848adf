/** One browser that shows notices of a person, and with what rights it was given to us. */
export interface PushSubscription {
  /** The hash of the endpoint. */
  readonly id: string;
  readonly person: string;
  /** The hash of the session it was given in; null: a guest's. It ends with the session. */
  readonly session: string | null;
  readonly network: string;
  /** The push service's address for this browser. */
  readonly endpoint: string;
  /** The browser's public key, 65 bytes, and its secret, 16 bytes; both base64url. */
  readonly p256dh: string;
  readonly auth: string;
  /** Whether notices may have the text of messages. */
  readonly showsText: boolean;
  readonly at: number;
}

/** Browsers of one person; of more, the oldest are forgotten. */
export const SUBSCRIPTION_LIMIT = 10;
/** Characters of an endpoint. */
export const ENDPOINT_LIMIT = 1_024;

/** Who is to be told of a message. */
export interface PushCall {
  readonly room: string;
  readonly seq: number;
}

/** What a browser shows, read from the message as it stands when it is sent. */
export interface Notice {
  readonly title: string;
  /** Empty: without the text. */
  readonly body: string;
  /** The page of the room or the talk, below the base path. */
  readonly path: string;
}

/** Any method may reject where the database fails. */
export interface PushSubscriptions {
  /** Adds it in the place of the one with its id, whoever had that. */
  add(subscription: PushSubscription): Promise<void>;
  find(id: string): Promise<PushSubscription | null>;
  /** `person` null: whoever has it. */
  remove(id: string, person: string | null): Promise<void>;
}

/**
 * The push services of Chrome, Edge, Brave, Opera and Vivaldi (Google), of Firefox, of Edge on
 * Windows, and of Safari. Their subdomains are meant too.
 */
export const PUSH_SERVICES: readonly string[] = [
  "fcm.googleapis.com",
  "push.services.mozilla.com",
  "notify.windows.com",
  "push.apple.com",
];

/** Whether an endpoint is `https:` at one of these hosts, or a subdomain of one. */
export function isEndpoint(text: string, hosts: readonly string[]): boolean {
  const url = URL.parse(text);
  if (!url || url.protocol !== "https:" || text.length > ENDPOINT_LIMIT) return false;
  if (url.username + url.password !== "") return false;
  return hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
}
