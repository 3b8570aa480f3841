import { RawRoom } from "./raw-room.js";
import { echo, parse } from "./reply.js";
import type { RoomEnv } from "./room.js";

/** Stores each message and its reply, and answers. Nothing is pruned, and a retry is stored again. */
export abstract class RawLog extends RawRoom {
  constructor(state: DurableObjectState, env: RoomEnv) {
    super(state, env);
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  }

  protected exchange(socket: WebSocket, frame: string): void {
    const reply = JSON.stringify(echo(parse(frame).content));
    const { sql } = this.ctx.storage;
    sql.exec("INSERT INTO messages (body) VALUES (?)", frame);
    sql.exec("INSERT INTO messages (body) VALUES (?)", reply);
    // The platform holds it back until the rows are on disk.
    socket.send(reply);
  }
}
