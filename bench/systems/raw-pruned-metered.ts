import { toMeteredRoom, withMeter } from "./metered.js";
import { RawRoom } from "./raw-room.js";
import { echo } from "./reply.js";
import type { RoomEnv } from "./room.js";

/** As many as ours keeps in the bench that meters this. */
const CAPACITY = 1_000;

/** What one would write who wants a retry stored once and the log bounded: an index on ids, and a DELETE. */
export class Room extends RawRoom {
  constructor(state: DurableObjectState, env: RoomEnv) {
    super(withMeter(state), env);
    state.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL)",
    );
  }

  override webSocketMessage(socket: WebSocket, frame: string): void {
    const { id, content } = JSON.parse(frame);
    const reply = echo(String(content));
    const text = JSON.stringify(reply);
    this.#store(String(id), frame);
    this.#store(reply.id, text);
    socket.send(text);
  }

  #store(id: string, body: string): void {
    const { sql } = this.ctx.storage;
    const stored = sql
      .exec("INSERT OR IGNORE INTO messages (id, body) VALUES (?, ?) RETURNING seq", id, body)
      .toArray();
    for (const { seq } of stored) sql.exec("DELETE FROM messages WHERE seq <= ?", Number(seq) - CAPACITY);
  }
}

export default { fetch: toMeteredRoom };
