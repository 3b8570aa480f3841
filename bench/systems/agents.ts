import { Agent, type Connection } from "agents";
import { echo, parse } from "./reply.js";
import { type RoomEnv, toRoom } from "./room.js";

export class Room extends Agent {
  override onStart(): void {
    this.sql`CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)`;
  }

  override onMessage(connection: Connection, frame: string | ArrayBuffer): void {
    const reply = JSON.stringify(echo(parse(frame).content));
    this.sql`INSERT INTO messages (body) VALUES (${String(frame)})`;
    this.sql`INSERT INTO messages (body) VALUES (${reply})`;
    connection.send(reply);
  }
}

export default { fetch: (request: Request, env: RoomEnv) => toRoom(request, env.Room) };
