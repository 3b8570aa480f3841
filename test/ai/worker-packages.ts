import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { fromAnthropic, fromOpenAIChat, fromOpenAIResponses, type ModelReply } from "../../src/ai/index.js";

/** How the providers' own packages ask for a stream of a model. */
const REQUESTS: Record<string, (baseURL: string, model: string) => Promise<ModelReply>> = {
  "openai-chat": async (baseURL, model) =>
    fromOpenAIChat(await openai(baseURL).chat.completions.create({ model, messages: [], stream: true })),
  "openai-responses": async (baseURL, model) =>
    fromOpenAIResponses(await openai(baseURL).responses.create({ model, input: "", stream: true })),
  anthropic: async (baseURL, model) => {
    const client = new Anthropic({ apiKey: "none", baseURL, maxRetries: 0 });
    return fromAnthropic(await client.messages.create({ model, max_tokens: 1, messages: [], stream: true }));
  },
};

function openai(baseURL: string): OpenAI {
  return new OpenAI({ apiKey: "none", baseURL, maxRetries: 0 });
}

export default {
  /** `GET /<adapter>?url=<base>&model=<model>` answers with the chunks; with the model `stalled` it leaves the reply once it waits. */
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const model = searchParams.get("model") ?? "";
    const reply = await REQUESTS[pathname.slice(1)]?.(searchParams.get("url") ?? "", model);
    if (reply === undefined) return new Response("There is no such adapter.", { status: 404 });
    const chunks: unknown[] = [];
    for (;;) {
      const pending = reply.next();
      const result = await Promise.race([pending, model === "stalled" ? scheduler.wait(500) : pending]);
      if (result === undefined) {
        const left = await reply.return?.();
        return Response.json({ left, pending: await pending });
      }
      if (result.done) return Response.json({ chunks });
      chunks.push(result.value);
    }
  },
};
