import { WriteCounter } from "./counter.js";
import { Room as Uncounted } from "./raw-group-commit.js";
import { type RoomEnv, toRoom } from "./room.js";

export class Room extends Uncounted {
  readonly #counter: WriteCounter;
  #commits = 0;

  constructor(state: DurableObjectState, env: RoomEnv) {
    super(state, env);
    this.#counter = new WriteCounter(state.storage);
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/writes") return super.fetch(request);
    return Response.json({ rows: this.#counter.report().rows, commits: this.#commits });
  }

  protected override flush(): void {
    // The platform commits what a timer wrote when the timer is over.
    this.#commits++;
    super.flush();
  }
}

export default { fetch: (request: Request, env: RoomEnv) => toRoom(request, env.Room) };
