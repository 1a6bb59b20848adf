import { ENDPOINT_LIMIT } from "../../model/outbound/push.ts";
import { Refusal } from "../../model/base/errors.ts";
import { TRIGGERS } from "../../model/outbound/webhook.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import { choice, custom, flag, list, object, text } from "../openapi/schema.ts";
import { NAME, ROOM } from "../openapi/wire.ts";
import { actorIn, type ApiDeps, type Caller } from "./caller.ts";
import { operation } from "./operation.ts";
import { nothing } from "./reply.ts";

const PATH = "/v1/push";
const PERSONAL = { tag: "Inbox", isPersonal: true } as const;

/** Bytes in base64url, exactly this many. */
function bytes(about: string, count: number) {
  const pattern = `^[A-Za-z0-9_-]{${Math.ceil((count * 4) / 3)}}$`;
  return custom({ type: "string", description: about, pattern }, (value, name) =>
    typeof value === "string" && new RegExp(pattern).test(value)
      ? value
      : new Refusal("pushKey", { name }),
  );
}

const ENDPOINT = text("Where the push service takes notices.", {
  least: 1,
  most: ENDPOINT_LIMIT,
});
const SUBSCRIPTION = object({
  endpoint: ENDPOINT,
  p256dh: bytes("The browser's public key, base64url.", 65),
  auth: bytes("The browser's secret, base64url.", 16),
  showsText: flag("Whether notices have the text of messages."),
});

/** Notices on browsers whose page is closed. */
export const PUSHES = [
  operation({
    ...{ id: "getPush", method: "GET", path: PATH, ...PERSONAL, scope: "read" },
    summary: "Get the key for push subscriptions",
    answers: {
      200: {
        about: "The key.",
        schema: object({ key: text("`applicationServerKey`, base64url; empty: no push here.") }),
      },
    },
    route: { limit: "read" },
    handle: (_, { chat }) => ({ status: 200, body: { key: chat.push.key } }),
  }),
  operation({
    ...{ id: "addPush", method: "PUT", path: PATH, ...PERSONAL, scope: "post" },
    summary: "Send notices to a browser",
    about: "Of mentions and private messages that were not read within three seconds.",
    body: SUBSCRIPTION,
    answers: { 204: { about: "It is sent notices.", schema: null } },
    route: { limit: "write" },
    async handle({ caller, body }, { chat }) {
      return nothing(await chat.push.subscribe(caller, body));
    },
  }),
  operation({
    ...{ id: "removePush", method: "DELETE", path: PATH, ...PERSONAL, scope: "post" },
    summary: "Send a browser no more notices",
    body: object({ endpoint: ENDPOINT }),
    answers: { 204: { about: "It is sent none.", schema: null } },
    route: { limit: "write" },
    async handle({ caller, body: { endpoint } }, { chat }) {
      await chat.push.unsubscribe(caller, endpoint);
      return nothing(null);
    },
  }),
];

const WEBHOOKS_PATH = "/v1/rooms/:room/webhooks";
const OWNER = { tag: "Rooms", scope: "admin", isPersonal: true } as const;
const WEBHOOK_FIELDS = {
  id: text("Of the webhook."),
  name: NAME,
  url: text("Where messages are posted to.", { least: 1, most: 1_000 }),
  trigger: choice("Every message, those with `@name`, or those that begin with `word`.", TRIGGERS),
  word: text("The first word of a command; empty with other triggers.", { most: 32 }),
  isOn: flag("False: it has failed for a day."),
};
const { id: ID, name, url, trigger, word } = WEBHOOK_FIELDS;

/** The caller, who must own the room or administer the chat. */
async function ownerIn(caller: Caller, room: string, deps: ApiDeps): Promise<Refusal | Caller> {
  const actor = await actorIn(caller, room, deps);
  if (actor instanceof Refusal) return actor;
  return authorize(actor.access, "own", deps.now()) ?? caller;
}

/** Addresses that are told of a room's messages. */
export const WEBHOOKS = [
  operation({
    ...{ id: "listWebhooks", method: "GET", path: WEBHOOKS_PATH, ...OWNER },
    summary: "List a room's webhooks",
    params: { room: ROOM },
    answers: {
      200: {
        about: "All of them.",
        schema: object({ webhooks: list("Oldest first.", object(WEBHOOK_FIELDS)) }),
      },
    },
    route: { limit: "read" },
    async handle({ caller, params: { room } }, deps) {
      const owner = await ownerIn(caller, room, deps);
      if (owner instanceof Refusal) return owner;
      const all = await deps.chat.webhooks.list(room);
      const webhooks = all.map(({ id, name, url, trigger, word, isOn }) => {
        return { id, name, url, trigger, word, isOn };
      });
      return { status: 200, body: { webhooks } };
    },
  }),
  operation({
    ...{ id: "addWebhook", method: "POST", path: WEBHOOKS_PATH, ...OWNER },
    summary: "Tell an address of a room's messages",
    about: 'Signed as Standard Webhooks has it; an answer `{"text": …}` is posted in the room.',
    params: { room: ROOM },
    body: object({ name, url, trigger }, { word }),
    answers: {
      201: {
        about: "It is told of what is said from now on.",
        schema: object({ id: ID, secret: text("`whsec_…`, which signs; it is told only here.") }),
      },
    },
    route: { limit: "write" },
    async handle({ caller, params: { room }, body }, deps) {
      const owner = await ownerIn(caller, room, deps);
      if (owner instanceof Refusal) return owner;
      const { trigger, word = "" } = body;
      const url = URL.parse(body.url);
      if (!url || !/^https?:$/.test(url.protocol)) return new Refusal("webhookAddress");
      if ((trigger === "command") !== /^[^\s/]\S*$/.test(word)) return new Refusal("webhookWord");
      const id = deps.newId();
      const secret = crypto.getRandomValues(new Uint8Array(24)).toBase64();
      const { id: by, name } = owner.person;
      const made = { ...body, id, room, word, secret, url: url.href, by: { id: by, name } };
      const refusal = await deps.chat.webhooks.add(made);
      return refusal ?? { status: 201, body: { id, secret: `whsec_${secret}` } };
    },
  }),
  operation({
    ...{ id: "removeWebhook", method: "DELETE", path: `${WEBHOOKS_PATH}/:id`, ...OWNER },
    summary: "Remove a webhook",
    params: { room: ROOM, id: ID },
    answers: { 204: { about: "It is told no more.", schema: null } },
    route: { limit: "write" },
    async handle({ caller, params: { room, id } }, deps) {
      const owner = await ownerIn(caller, room, deps);
      return nothing(owner instanceof Refusal ? owner : await deps.chat.webhooks.remove(room, id));
    },
  }),
];
