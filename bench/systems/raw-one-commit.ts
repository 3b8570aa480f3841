import { RawLog } from "./raw-log.js";
import { type RoomEnv, toRoom } from "./room.js";

/** What most would write: each exchange is stored as it comes, and the platform commits it by itself. */
export class Room extends RawLog {
  override webSocketMessage(socket: WebSocket, frame: string): void {
    this.exchange(socket, frame);
  }
}

export default { fetch: (request: Request, env: RoomEnv) => toRoom(request, env.Room) };
