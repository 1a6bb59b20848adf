// The `ws` package on Node: a set of sockets a room, and a loop over them. Frames are `--size` bytes.
const { WebSocketServer, WebSocket } = require("ws");
const size = Number(process.argv[2]);
const rooms = new Map();

function reframe(received) {
  const rest = received.slice('{"type":"send",'.length);
  const head = '{"type":"message","pad":"';
  return `${head}${"x".repeat(Math.max(size - head.length - 2 - rest.length, 0))}",${rest}`;
}

const server = new WebSocketServer({ port: 0, perMessageDeflate: false }, () => {
  const url = `http://127.0.0.1:${server.address().port}/`;
  console.error(JSON.stringify({ msg: "listening", url }));
});
server.on("connection", (socket, request) => {
  const room = rooms.get(request.url) ?? new Set();
  rooms.set(request.url, room.add(socket));
  socket.send('{"type":"welcome"}');
  socket.on("message", (data) => {
    const frame = reframe(data.toString());
    for (const other of room) if (other.readyState === WebSocket.OPEN) other.send(frame);
  });
  socket.on("close", () => room.delete(socket));
});
