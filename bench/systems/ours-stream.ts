import { toMeteredRoom, withMeter } from "./metered.js";
import { generate } from "./model.js";
import { Session, type SessionEnv } from "./session.js";

/** A session whose handler returns what the model generates. */
export class Room extends Session {
  constructor(state: DurableObjectState, env: SessionEnv) {
    super(withMeter(state), env, (_sessionId, { type, content }) =>
      type === "message" ? generate(content) : undefined,
    );
  }
}

export default { fetch: toMeteredRoom };
