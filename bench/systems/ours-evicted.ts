import { toRoom } from "./room.js";
import { Session, type SessionEnv } from "./session.js";

/** A session that can be evicted from memory: the next request begins a new object on the same disk. */
export class Room extends Session {
  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/evict") return super.fetch(request);
    this.ctx.abort("evicted for a measurement");
    return new Response();
  }
}

export default { fetch: (request: Request, env: SessionEnv) => toRoom(request, env.Room) };
