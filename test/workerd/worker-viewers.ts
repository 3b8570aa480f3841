import { ChatSessionDO } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<WatchedSession>;
}

/** Sessions that stream as much as they are asked for: `<pieces> <characters> <pause in milliseconds>`. */
export class WatchedSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      rateLimit: false,
      authenticate: (request) => ({ id: new URL(request.url).searchParams.get("as") ?? "viewer" }),
      onMessage: (_sessionId, { content }) => speak(content.split(" ").map(Number)),
    });
  }
}

async function* speak([pieces = 0, characters = 0, pauseMs = 0]: number[]): AsyncGenerator<string> {
  const piece = "x".repeat(characters);
  for (let count = 0; count < pieces; count++) {
    yield piece;
    await scheduler.wait(pauseMs);
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return env.CHAT_DO.getByName(new URL(request.url).pathname).fetch(request);
  },
};
