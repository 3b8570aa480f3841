import { RawLog } from "./raw-log.js";
import { type RoomEnv, toRoom } from "./room.js";

/** What an expert would write: a timer gathers what comes meanwhile, and one commit stores it all. */
export class Room extends RawLog {
  #waiting: [WebSocket, string][] = [];

  override webSocketMessage(socket: WebSocket, frame: string): void {
    if (this.#waiting.push([socket, frame]) === 1) setTimeout(() => this.#flush(), 0);
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const [socket, frame] of waiting) this.exchange(socket, frame);
  }
}

export default { fetch: (request: Request, env: RoomEnv) => toRoom(request, env.Room) };
