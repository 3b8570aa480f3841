import { toRoom } from "./room.js";
import { Session, type SessionEnv } from "./session.js";

/** Outlives the object: what has made it run so far. */
const seen = { wakeUps: 0, frames: 0 };

export class Room extends Session {
  constructor(state: DurableObjectState, env: SessionEnv) {
    super(state, env);
    seen.wakeUps++;
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    seen.frames++;
    super.webSocketMessage(socket, frame);
  }
}

export default {
  fetch(request: Request, env: SessionEnv) {
    // Answered here, for to ask the object would wake it.
    return new URL(request.url).pathname === "/seen" ? Response.json(seen) : toRoom(request, env.Room);
  },
};
