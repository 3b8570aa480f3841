import { toMeteredRoom, withMeter } from "./metered.js";
import { generate } from "./model.js";
import { Session, type SessionEnv } from "./session.js";

/** A session whose handler streams in the middle of its turn. */
export class Room extends Session {
  constructor(state: DurableObjectState, env: SessionEnv) {
    super(withMeter(state), env, async (_sessionId, { type, content }, { stream }) => {
      if (type === "message") await stream(() => generate(content));
      return undefined;
    });
  }
}

export default { fetch: toMeteredRoom };
