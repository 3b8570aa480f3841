import { echo, parse } from "./reply.js";

export default {
  fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.addEventListener("message", ({ data }) => server.send(JSON.stringify(echo(parse(data).content))));
    server.addEventListener("close", () => server.close(1000));
    return new Response(null, { status: 101, webSocket: client });
  },
};
