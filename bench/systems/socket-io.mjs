import { createServer } from "node:http";
import { Server } from "socket.io";

/* socket.io on Node: answers each message on its own connection. It writes the port that it listens on. */

const http = createServer();
const io = new Server(http, { transports: ["websocket"] });
io.on("connection", (socket) => {
  socket.on("message", ({ content }) => {
    socket.emit("message", {
      id: crypto.randomUUID(),
      type: "message",
      role: "assistant",
      content: `Echo: ${content}`,
      timestamp: Date.now(),
    });
  });
});
http.listen(0, "127.0.0.1", () => {
  const address = http.address();
  if (typeof address === "object") console.log(address?.port);
});
