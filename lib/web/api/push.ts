import { ENDPOINT_LIMIT } from "../../model/outbound/push.ts";
import { Refusal } from "../../model/base/errors.ts";
import { custom, flag, object, text } from "../openapi/schema.ts";
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
