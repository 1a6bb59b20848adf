import type { Server } from "bun";
import type { Observer } from "../model/base/observer.ts";
import type { Chat } from "../chat/chat.ts";
import type { ConnectionDirectory } from "../chat/moderation/finder.ts";
import type { Config } from "../model/config.ts";
import type { Files } from "../model/files/files.ts";
import type { Records } from "../model/records.ts";
import type { Store } from "../model/store.ts";
import type { Samples } from "../ops/samples.ts";
import type { Sockets } from "./socket/sockets.ts";
import { adminRoutes } from "./admin/admin.ts";
import { apiRoutes } from "./api/routes.ts";
import { fileRoutes } from "./api/files.ts";
import { hookRoutes } from "./api/hooks.ts";
import { IDLE_SECONDS } from "./http/context.ts";
import { type ProbeDeps, probeRoutes } from "./http/probes.ts";
import { refusalResponse } from "./http/response.ts";
import type { Route } from "./http/router.ts";
import { apiPageRoutes } from "./pages/api-page.ts";
import { accountRoutes } from "./pages/accounts.ts";
import { inviteRoutes } from "./pages/invites.ts";
import { talkRoutes } from "./pages/talks.ts";
import { visitRoutes } from "./pages/visits.ts";
import type { Connection } from "./socket/connection.ts";
import { Requests } from "./requests.ts";
import { upgradeRoutes } from "./socket/upgrade.ts";

export interface WebDeps extends ProbeDeps {
  readonly config: Config;
  readonly chat: Chat;
  readonly store: Store;
  readonly records: Records;
  readonly files: Files;
  /** The key that signs cookies. */
  readonly secret: Uint8Array;
  readonly sockets: Sockets;
  readonly directory: ConnectionDirectory;
  readonly samples: Samples;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
}

/** Body lengths are checked by us, because Bun could not say why a body is too long. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** Starts listening. The only `Bun.serve`. Throws if the address is not available. */
export function serve(deps: WebDeps): Server<Connection> {
  const { port, host, tlsCert, tlsKey } = deps.config;
  const requests = new Requests(routes(deps), deps);
  return Bun.serve<Connection>({
    port,
    hostname: host,
    maxRequestBodySize: NO_LIMIT,
    // Bun's own default; set explicitly because Bun warns at the first timeout otherwise.
    idleTimeout: IDLE_SECONDS,
    ...(tlsCert !== null && tlsKey !== null
      ? { tls: { cert: Bun.file(tlsCert), key: Bun.file(tlsKey) } }
      : {}),
    websocket: deps.sockets.handler(),
    fetch: (request, server) => requests.answer(request, server),
    error: (fault) => refusalResponse(requests.faultOf(fault)),
  });
}

/** Every address of the server. The first match wins. */
function routes(deps: WebDeps): readonly Route[] {
  return [
    ...probeRoutes(deps),
    ...upgradeRoutes(deps),
    ...apiRoutes(deps),
    ...apiPageRoutes(),
    ...hookRoutes(deps),
    ...fileRoutes(deps),
    ...visitRoutes(deps),
    ...talkRoutes(deps),
    ...accountRoutes(deps),
    ...inviteRoutes(deps),
    ...adminRoutes(deps),
  ];
}
