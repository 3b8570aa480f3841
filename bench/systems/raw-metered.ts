import { toMeteredRoom, withMeter } from "./metered.js";
import { Room as Unmetered } from "./raw-replay.js";
import type { RoomEnv } from "./room.js";

export class Room extends Unmetered {
  constructor(state: DurableObjectState, env: RoomEnv) {
    super(withMeter(state), env);
  }
}

export default { fetch: toMeteredRoom };
