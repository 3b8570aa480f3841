import {
  fromAnthropic,
  fromOpenAIChat,
  fromOpenAIResponses,
  fromWorkersAI,
  type ModelReply,
  toModelMessages,
} from "../../src/ai/index.js";
import { ChatSessionDO, chatSession } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<AssistantSession>;
  /** The address of the provider. */
  PROVIDER: string;
}

const ADAPTERS: Record<string, (response: Response) => ModelReply> = {
  "openai-chat": fromOpenAIChat,
  "openai-responses": fromOpenAIResponses,
  anthropic: fromAnthropic,
  "workers-ai": fromWorkersAI,
};

/**
 * An assistant: a message `anthropic /recorded/anthropic` is answered by what the provider streams there, read by that adapter. A third word,
 * `deaf`, has the request made without the signal of the turn.
 */
export class AssistantSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      onMessage: async (_sessionId, { type, content }, { signal }) => {
        const [name = "", path, deaf] = content.split(" ");
        const adapter = ADAPTERS[name];
        if (type !== "message" || path === undefined || adapter === undefined) return undefined;
        return adapter(await fetch(new URL(path, env.PROVIDER), deaf ? {} : { signal }));
      },
    });
  }
}

export default {
  /** A WebSocket of the room in the path, or what a model would be sent of it. */
  async fetch(request: Request, env: Env): Promise<Response> {
    const stub = env.CHAT_DO.getByName(new URL(request.url).pathname);
    if (request.headers.has("upgrade")) return stub.fetch(request);
    const { messages } = await chatSession(stub).history();
    return Response.json(toModelMessages(messages));
  },
};
