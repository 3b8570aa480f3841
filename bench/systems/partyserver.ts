import { type Connection, Server } from "partyserver";
import { parse } from "./reply.js";
import { type RoomEnv, toRoom } from "./room.js";

export class Room extends Server {
  static override options = { hibernate: true };

  override onMessage(connection: Connection, frame: string | ArrayBuffer): void {
    const { type } = parse(frame);
    if (type === "message" || type === "typing") this.broadcast(frame, [connection.id]);
  }
}

export default { fetch: (request: Request, env: RoomEnv) => toRoom(request, env.Room) };
