// socket.io on Node, its rooms and its in-memory adapter. Frames are `--size` bytes.
const { createServer } = require("node:http");
const { Server } = require("socket.io");
const size = Number(process.argv[2]);
const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });

io.on("connection", (socket) => {
  const { room } = socket.handshake.query;
  socket.join(room);
  socket.on("send", ({ id, text }) => {
    const length = `42["message",{"type":"message","id":"${id}","text":"${text}","pad":""}]`.length;
    const pad = "x".repeat(Math.max(size - length, 0));
    io.to(room).emit("message", { type: "message", id, text, pad });
  });
});
http.listen(0, () => {
  const url = `http://127.0.0.1:${http.address().port}/`;
  console.error(JSON.stringify({ msg: "listening", url }));
});
