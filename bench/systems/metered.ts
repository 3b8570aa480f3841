import { meter, newUsage } from "../../test/fixtures/meter.js";
import { type RoomEnv, toRoom } from "./room.js";

/** Of the worker's one object, all the times that it was in memory. It outlives them. */
const metered = { ...newUsage(), wakeUps: 0 };

/** The state that an object is to be constructed with, so that nothing escapes the meter. */
export function withMeter(state: DurableObjectState): DurableObjectState {
  metered.wakeUps++;
  meter(state.storage, metered);
  return state;
}

/** Answers what was metered by itself, for to ask the object would wake it. */
export function toMeteredRoom(request: Request, env: RoomEnv): Promise<Response> | Response {
  return new URL(request.url).pathname === "/metered" ? Response.json(metered) : toRoom(request, env.Room);
}
