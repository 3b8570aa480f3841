import { DurableObject } from "cloudflare:workers";
import type { RoomEnv } from "./room.js";

/** Hibernating connections, and nothing else: what the objects without a library have in common. */
export class RawRoom extends DurableObject<RoomEnv> {
  override async fetch(_request: Request): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close(1000);
  }
}
