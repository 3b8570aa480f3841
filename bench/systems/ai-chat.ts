import { AIChatAgent } from "@cloudflare/ai-chat";
import { toMeteredRoom, withMeter } from "./metered.js";
import { generate } from "./model.js";

/** An agent that answers the newest message with what the model generates, in the AI SDK's chunks. */
export class Room extends AIChatAgent {
  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(withMeter(state), env);
  }

  override async onChatMessage(): Promise<Response> {
    const [prompt] = this.messages.at(-1)?.parts ?? [];
    const events = toEvents(generate(prompt?.text ?? ""));
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await events.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
    });
    return new Response(body, { headers: HEADERS });
  }
}

const encoder = new TextEncoder();
const HEADERS = { "content-type": "text/event-stream", "x-vercel-ai-ui-message-stream": "v1" };

/** What the AI SDK makes of a text. */
async function* toEvents(pieces: AsyncIterable<string>): AsyncGenerator<string, void> {
  for (const type of ["start", "start-step"]) yield toEvent({ type });
  yield toEvent({ type: "text-start", id: "0" });
  for await (const delta of pieces) yield toEvent({ type: "text-delta", id: "0", delta });
  yield toEvent({ type: "text-end", id: "0" });
  for (const type of ["finish-step", "finish"]) yield toEvent({ type });
  yield "data: [DONE]\n\n";
}

function toEvent(chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

export default { fetch: toMeteredRoom };
