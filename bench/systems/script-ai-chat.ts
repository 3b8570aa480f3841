import { AIChatAgent } from "@cloudflare/ai-chat";
import { toMeteredRoom, withMeter } from "./metered.js";
import type { RoomEnv } from "./room.js";
import { asked, cut, HEADERS, say, toEvents } from "./script.js";

/** An agent that answers the newest message with what the script says, in the AI SDK's chunks. */
export class Room extends AIChatAgent {
  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(withMeter(state), env);
  }

  override async onChatMessage(): Promise<Response> {
    asked.times += 1;
    const [part] = this.messages.findLast(({ role }) => role === "user")?.parts ?? [];
    const scenario = JSON.parse(part?.text ?? "");
    const events = toEvents(say(scenario));
    return new Response(cut(events, scenario.cut ?? Number.POSITIVE_INFINITY), { headers: HEADERS });
  }
}

export default {
  fetch(request: Request, env: RoomEnv): Promise<Response> | Response {
    return new URL(request.url).pathname === "/asked" ? Response.json(asked.times) : toMeteredRoom(request, env);
  },
};
