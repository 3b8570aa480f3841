import { ChatSessionDO, chatSession, readToken } from "../../src/index.js";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
}

/** Numbers, fifty in a second. */
async function* countTo(most: number, signal: AbortSignal): AsyncGenerator<string> {
  for (let number = 1; number <= most; number++) {
    await scheduler.wait(20, { signal });
    yield `${number} `;
  }
}

/** A room in which the token is the name of the identity. It answers only when it is told to count. */
export class Room extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      authenticate: (request) => ({ id: readToken(request) ?? "anonymous" }),
      onMessage: async (_sessionId, { content }, { signal }) => {
        const most = /^count to (\d+)$/.exec(content)?.[1];
        return most === undefined ? undefined : countTo(Number(most), signal);
      },
      concurrency: "parallel",
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
