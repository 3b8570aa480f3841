import { RawLog } from "./raw-log.js";
import { type RoomEnv, toRoom } from "./room.js";

/** Stores what it is sent, and sends each client that connects with `since` all that came after it. */
export class Room extends RawLog {
  override async fetch(request: Request): Promise<Response> {
    const since = new URL(request.url).searchParams.get("since");
    if (since === null) return super.fetch(request);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const rows = this.ctx.storage.sql.exec<{ body: string }>(
      "SELECT body FROM messages WHERE seq > ? ORDER BY seq",
      Number(since),
    );
    for (const { body } of rows) server.send(body);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, frame: string): void {
    this.exchange(socket, frame);
  }
}

export default { fetch: (request: Request, env: RoomEnv) => toRoom(request, env.Room) };
