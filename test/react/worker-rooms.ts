import { ChatSessionDO, chatSession, readToken } from "../../src/index.js";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
}

/** A room in which the token is the name of the identity, and nothing answers. */
export class Room extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      authenticate: (request) => ({ id: readToken(request) ?? "anonymous" }),
      onMessage: async () => undefined,
      maxStoredMessages: 1_000,
      rateLimit: false,
    });
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const room = env.ROOMS.getByName(searchParams.get("room") ?? "");
    const session = chatSession(room);
    if (pathname === "/connections") return Response.json(await session.connections());
    if (pathname !== "/disconnect") return room.fetch(request);
    const closed = await session.disconnect({ identityId: searchParams.get("who") ?? "" }, { code: 4000 });
    return Response.json(closed);
  },
};
