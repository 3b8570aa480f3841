import { toRoom } from "./room.js";
import { Session, type SessionEnv } from "./session.js";

/** A session whose handler answers nothing, as in a chat between people. */
export class Room extends Session {
  constructor(state: DurableObjectState, env: SessionEnv) {
    super(state, env, async () => undefined);
  }
}

export default { fetch: (request: Request, env: SessionEnv) => toRoom(request, env.Room) };
