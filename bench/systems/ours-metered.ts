import { toMeteredRoom, withMeter } from "./metered.js";
import { Session, type SessionEnv } from "./session.js";

export class Room extends Session {
  constructor(state: DurableObjectState, env: SessionEnv) {
    super(withMeter(state), env);
  }
}

export default { fetch: toMeteredRoom };
