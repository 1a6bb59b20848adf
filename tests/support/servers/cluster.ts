import type { Author } from "../../../lib/model/people/person.ts";
import { openDatabase } from "../../../lib/store/open.ts";
import { Sessions } from "../../../lib/web/identity/session.ts";
import { Server } from "./server.ts";

/** Several nodes of one chat, each a process of its own. */
export interface Cluster extends AsyncDisposable {
  readonly nodes: Server[];
  /** A visitor's cookie: good on every node, for they share the secret. */
  cookie(): string;
  /** The cookie of someone who moderates the room. */
  moderator(room: string): Promise<string>;
  /** Starts the node again, at its old port. */
  restart(index: number): Promise<void>;
}

export async function startCluster(
  size: number,
  database: string,
  args: readonly string[],
): Promise<Cluster> {
  const all = ["--database", database, "--limits", "off", ...args];
  const nodes = await Promise.all(Array.from({ length: size }, () => Server.start({ args: all })));
  const store = await openDatabase(database, "");
  const sessions = new Sessions(store.secret, false);
  const cookieOf = (guest: Author) => sessions.issue(guest).split(";")[0] ?? "";
  return {
    nodes,
    cookie: () => cookieOf(sessions.newGuest()),
    async moderator(room) {
      const guest = sessions.newGuest();
      await store.records.rooms.setMember(
        room,
        { ...guest, name: "keeper", role: "moderator" },
        null,
      );
      return cookieOf(guest);
    },
    async restart(index) {
      const node = nodes[index];
      if (!node) throw new Error("no such node");
      const { port } = new URL(node.url);
      await node[Symbol.asyncDispose]();
      nodes[index] = await Server.start({ args: all, port: Number(port) });
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
}
