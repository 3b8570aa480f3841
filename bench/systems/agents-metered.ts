import { Room as Unmetered } from "./agents.js";
import { toMeteredRoom, withMeter } from "./metered.js";

export class Room extends Unmetered {
  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(withMeter(state), env);
  }
}

export default { fetch: toMeteredRoom };
