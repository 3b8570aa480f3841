import { WriteCounter } from "./counter.js";
import { Room as Uncounted } from "./raw-group-commit.js";
import { type RoomEnv, toRoom } from "./room.js";

export class Room extends Uncounted {
  readonly #counter: WriteCounter;

  constructor(state: DurableObjectState, env: RoomEnv) {
    super(state, env);
    this.#counter = new WriteCounter(state.storage);
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/writes") return super.fetch(request);
    return Response.json(this.#counter.report());
  }
}

export default { fetch: (request: Request, env: RoomEnv) => toRoom(request, env.Room) };
