/**
 * What everyone compares with: a Bun server that republishes, and nothing else. Nothing is parsed,
 * kept, checked or numbered. A frame goes out exactly `--size` bytes long, the size of ours.
 */
const option = (name: string, otherwise: string) => {
  const at = process.argv.indexOf(name);
  return (at === -1 ? undefined : process.argv[at + 1]) ?? otherwise;
};
const size = Number(option("--size", "200"));
const page = option("--page", "");

const RECEIVED_TYPE = '{"type":"send",';
const SENT_TYPE = '{"type":"message","pad":"';
let pad = "";

/** The received object with another type, and as much padding as makes it `size` characters. */
function reframe(received: string): string {
  const rest = received.slice(RECEIVED_TYPE.length);
  const missing = size - SENT_TYPE.length - 2 - rest.length;
  if (pad.length !== missing) pad = "x".repeat(Math.max(missing, 0));
  return `${SENT_TYPE}${pad}",${rest}`;
}

const pageBody = page === "" ? "" : await Bun.file(page).text();

const server = Bun.serve<{ room: string }>({
  port: 0,
  routes: {
    "/rooms/:room": new Response(pageBody, {
      headers: { "content-type": "text/html;charset=utf-8" },
    }),
  },
  fetch(request, self) {
    const room = new URL(request.url).pathname;
    return self.upgrade(request, { data: { room } })
      ? undefined
      : new Response(null, { status: 404 });
  },
  websocket: {
    perMessageDeflate: false,
    open(socket) {
      socket.subscribe(socket.data.room);
      socket.send('{"type":"welcome"}', false);
    },
    message(socket, received) {
      if (typeof received === "string") server.publish(socket.data.room, reframe(received), false);
    },
  },
});

console.error(JSON.stringify({ msg: "listening", url: server.url.href }));
