import { connect, createServer, type Socket } from "node:net";

/** Passes bytes on until it is cut; then it swallows those of the connections it has. */
export function silentWire(port: number) {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) socket.on("error", () => undefined);
    near.pipe(far);
    far.pipe(near);
    pairs.add([near, far]);
  });
  server.listen(0, "127.0.0.1");
  return {
    get port(): number {
      const address = server.address();
      return typeof address === "object" && address ? address.port : 0;
    },
    cut() {
      for (const [near, far] of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    close: () => server.close(),
  };
}
