import {
  type ChatCompletionEvent,
  type ToolCallDelta,
  translateChatCompletion,
  translateToolCall,
} from "./chat-completion.js";
import { ModelError } from "./model-error.js";
import type { ModelSource } from "./model-source.js";
import { type ModelReply, readReply } from "./read-reply.js";
import type { ReplyWriter } from "./reply-writer.js";

/** A call in one piece. */
interface WholeCall {
  readonly name?: string | undefined;
  readonly arguments?: unknown;
}

/** What is read of one event of Workers AI: its own format, chat completions, or both in one stream. */
export interface WorkersAIEvent extends ChatCompletionEvent {
  /** Text. Some models send numbers, too. */
  readonly response?: unknown;
  readonly tool_calls?: readonly (WholeCall & ToolCallDelta)[] | null | undefined;
  readonly errors?: readonly unknown[] | undefined;
}

/**
 * The reply of a model on Workers AI. Ask for `stream: true`.
 *
 * @param source what `env.AI.run` returns, or the `Response` of its HTTP API
 * @throws ModelError as it is read, for a request that was refused, an error in the stream, or a stream that breaks off
 *
 * @example
 * const reply = fromWorkersAI(await env.AI.run("@cf/meta/llama-4-scout-17b-16e-instruct", { messages, stream: true }));
 */
export function fromWorkersAI(source: ModelSource<WorkersAIEvent>): ModelReply {
  return readReply(source, translate);
}

function translate(event: WorkersAIEvent, reply: ReplyWriter): boolean {
  const { response, tool_calls: calls, choices, errors } = event;
  if (errors?.length) throw new ModelError("Workers AI reported an error.", { cause: errors });
  reply.start(event.model);
  // Models that send both formats say the same in both.
  if (!choices?.length && response !== null && response !== undefined) {
    reply.append("text", typeof response === "object" ? JSON.stringify(response) : String(response));
  }
  for (const [place, call] of (calls ?? []).entries()) {
    if (call.function || !call.name) translateToolCall(call, call.index ?? place, reply);
    else {
      reply.startCall(call, { id: call.id, name: call.name });
      reply.closeCall(call, call.arguments);
    }
  }
  return translateChatCompletion(event, reply);
}
