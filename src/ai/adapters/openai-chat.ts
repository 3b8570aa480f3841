import { type ChatCompletionEvent, translateChatCompletion } from "./chat-completion.js";
import type { ModelSource } from "./model-source.js";
import { type ModelReply, readReply } from "./read-reply.js";

/**
 * The reply of a model that speaks OpenAI's chat completions, which many other providers do. Ask for `stream: true`, and for usage
 * with `stream_options: { include_usage: true }`. Of several choices the first one is read.
 *
 * @param source the `Response`, its body, or the stream that the `openai` package returns
 * @throws ModelError as it is read, for a request that was refused, an error in the stream, or a stream that breaks off
 *
 * @example
 * const onMessage = async (sessionId, msg, { signal }) => fromOpenAIChat(await openai.chat.completions.create({ ...request, stream: true }, { signal }));
 */
export function fromOpenAIChat(source: ModelSource<ChatCompletionEvent>): ModelReply {
  return readReply(source, translateChatCompletion);
}
