import { WriteCounter } from "./counter.js";
import { Room as Uncounted } from "./raw-one-commit.js";
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

  override webSocketMessage(socket: WebSocket, frame: string): void {
    // The platform commits what an event wrote when the event is over.
    this.#commits++;
    super.webSocketMessage(socket, frame);
  }
}

export default { fetch: (request: Request, env: RoomEnv) => toRoom(request, env.Room) };
