import { RawRoom } from "./raw-room.js";
import { parse } from "./reply.js";
import { type RoomEnv, toRoom } from "./room.js";

/** Reads what a connection says and passes it on to all others, as it came. */
export class Room extends RawRoom {
  override webSocketMessage(socket: WebSocket, frame: string): void {
    const { type } = parse(frame);
    if (type !== "message" && type !== "typing") return;
    for (const other of this.ctx.getWebSockets()) if (other !== socket) other.send(frame);
  }
}

export default { fetch: (request: Request, env: RoomEnv) => toRoom(request, env.Room) };
