import { fromUIMessageStream } from "../../src/ai/index.js";
import { chatSession } from "../../src/session/rpc/client.js";
import { toMeteredRoom, withMeter } from "./metered.js";
import { asked, cut, HEADERS, say, toEvents } from "./script.js";
import { Session, type SessionEnv } from "./session.js";

/** A session whose handler returns what the script says: a text in pieces, or the AI SDK's events. */
export class Room extends Session {
  constructor(state: DurableObjectState, env: SessionEnv) {
    super(withMeter(state), env, (_sessionId, { type, content }) => {
      if (type !== "message") return undefined;
      asked.times += 1;
      const scenario = JSON.parse(content);
      if (scenario.cut === undefined) return say(scenario);
      return fromUIMessageStream(new Response(cut(toEvents(say(scenario)), scenario.cut), { headers: HEADERS }));
    });
  }
}

export default {
  async fetch(request: Request, env: SessionEnv): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/asked") return Response.json(asked.times);
    if (pathname !== "/history") return toMeteredRoom(request, env);
    const { messages } = await chatSession(env.Room.getByName(searchParams.get("room") ?? "") as never).history();
    return Response.json(messages);
  },
};
