import { connect, createServer, type Socket } from "node:net";

/**
 * Passes bytes on until it is cut: then it swallows those of the connections it has, or muted, of later
 * ones as well.
 */
export function silentWire(port: number) {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isMute = false;
  const cut = () => {
    for (const [near, far] of pairs) {
      near.unpipe(far).resume();
      far.unpipe(near).resume();
    }
  };
  const server = createServer((near) => {
    near.on("error", () => undefined);
    if (isMute) {
      near.resume();
      return;
    }
    const far = connect(port, "127.0.0.1");
    far.on("error", () => undefined);
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
    cut,
    mute() {
      isMute = true;
      cut();
    },
    close: () => server.close(),
  };
}
