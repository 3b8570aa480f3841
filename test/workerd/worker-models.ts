import {
  fromAnthropic,
  fromOpenAIChat,
  fromOpenAIResponses,
  fromWorkersAI,
  type ModelReply,
} from "../../src/ai/index.js";

const ADAPTERS: Record<string, (response: Response) => ModelReply> = {
  "openai-chat": fromOpenAIChat,
  "openai-responses": fromOpenAIResponses,
  anthropic: fromAnthropic,
  "workers-ai": fromWorkersAI,
};

type Pending = ReturnType<ModelReply["next"]>;

/** Reads all that has arrived, and returns the read that waits for more. */
async function readAllThereIs(reply: ModelReply): Promise<[Pending]> {
  for (;;) {
    const pending = reply.next();
    const isWaiting = await Promise.race([pending.then(() => false), scheduler.wait(200).then(() => true)]);
    if (isWaiting) return [pending];
  }
}

/** What a worker does with a reply, by the path of the request. */
const USES: Record<string, (reply: ModelReply, controller: AbortController) => Promise<unknown>> = {
  async "/read"(reply) {
    const chunks: unknown[] = [];
    try {
      for await (const chunk of reply) chunks.push(chunk);
      return { chunks };
    } catch (error) {
      const { name, status } = Object(error);
      return { chunks, error: { name, status } };
    }
  },
  /** Leaves the reply while it waits for more. */
  async "/leave"(reply) {
    const [pending] = await readAllThereIs(reply);
    const left = await reply.return?.();
    return { left, pending: await pending };
  },
  /** Aborts the request while the reply waits for more. */
  async "/abort"(reply, controller) {
    const [pending] = await readAllThereIs(reply);
    controller.abort();
    return { pending: await pending.catch((error: unknown) => Object(error).name) };
  },
  /** Reads one chunk, then nothing until the time is over. */
  async "/hold"(reply) {
    await reply.next();
    await scheduler.wait(1_500);
    await reply.return?.();
    return {};
  },
};

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const controller = new AbortController();
    const response = await fetch(searchParams.get("url") ?? "", { signal: controller.signal });
    const reply = ADAPTERS[searchParams.get("adapter") ?? ""]?.(response);
    if (reply === undefined) return new Response("There is no such adapter.", { status: 404 });
    return Response.json(await USES[pathname]?.(reply, controller));
  },
};
