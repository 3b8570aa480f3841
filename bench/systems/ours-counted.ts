import { WriteCounter } from "./counter.js";
import { toRoom } from "./room.js";
import { Session, type SessionEnv } from "./session.js";

export class Room extends Session {
  readonly #counter: WriteCounter;

  constructor(state: DurableObjectState, env: SessionEnv) {
    super(state, env);
    this.#counter = new WriteCounter(state.storage);
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/writes") return super.fetch(request);
    return Response.json(this.#counter.report());
  }
}

export default { fetch: (request: Request, env: SessionEnv) => toRoom(request, env.Room) };
