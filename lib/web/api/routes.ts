import type { Route } from "../http/router.ts";
import { documentOf } from "../openapi/openapi.ts";
import type { ApiDeps } from "./caller.ts";
import { EVENTS } from "./events.ts";
import { IDENTITY } from "./identity.ts";
import { INBOXES } from "./inbox.ts";
import { MESSAGES } from "./messages.ts";
import { MODERATION } from "./moderation.ts";
import type { Operation } from "./operation.ts";
import { TALKS } from "./people.ts";
import { respond } from "./reply.ts";
import { PUSHES, WEBHOOKS } from "./outgoing.ts";
import { ROOMS } from "./rooms.ts";
import { UPLOADS } from "./uploads.ts";

/**
 * The table of the HTTP API. It routes and checks requests, and generates `openapi.json`,
 * `docs/http.md` and the page at `/api/`.
 */
export const OPERATIONS: readonly Operation[] = [
  ...MESSAGES,
  ...EVENTS,
  ...ROOMS,
  ...MODERATION,
  ...UPLOADS,
  ...INBOXES,
  ...PUSHES,
  ...WEBHOOKS,
  ...TALKS,
  ...IDENTITY,
];

/** The HTTP API, below `/api/v1/`. */
export function apiRoutes(deps: ApiDeps): readonly Route[] {
  const openapi: Route = {
    method: "GET",
    path: "/api/v1/openapi.json",
    handle(context) {
      const body = documentOf(OPERATIONS, `${context.baseUrl}api`);
      return respond({ status: 200, body }, context);
    },
    limit: "read",
    identity: false,
    api: true,
  };
  return [openapi, ...OPERATIONS.map((operation) => operation.routeOf(deps))];
}
