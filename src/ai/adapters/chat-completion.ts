import { type Annotation, cite } from "./annotation.js";
import { ModelError } from "./model-error.js";
import type { ReplyWriter } from "./reply-writer.js";
import { toUsage } from "./usage.js";

/** A fragment of a call. */
export interface ToolCallDelta {
  readonly index?: number | undefined;
  readonly id?: string | undefined;
  readonly function?: { readonly name?: string | undefined; readonly arguments?: unknown } | undefined;
  readonly custom?: { readonly name?: string | undefined; readonly input?: string | undefined } | undefined;
}

/** What is read of one event of chat completions, OpenAI's and those of others. */
export interface ChatCompletionEvent {
  readonly model?: string | undefined;
  readonly choices?:
    | readonly {
        readonly index?: number | undefined;
        readonly delta?:
          | {
              readonly content?: string | null | undefined;
              readonly refusal?: string | null | undefined;
              /** Of models that show it: DeepSeek's, and those of Workers AI. */
              readonly reasoning_content?: string | null | undefined;
              /** The same of others. */
              readonly reasoning?: string | null | undefined;
              readonly tool_calls?: readonly ToolCallDelta[] | null | undefined;
              /** What models that search the web cite. */
              readonly annotations?: readonly { readonly url_citation?: Annotation | undefined }[] | null | undefined;
            }
          | undefined;
        readonly finish_reason?: string | null | undefined;
      }[]
    | null
    | undefined;
  readonly usage?:
    | {
        readonly prompt_tokens?: number | undefined;
        readonly completion_tokens?: number | undefined;
        readonly total_tokens?: number | undefined;
        readonly prompt_tokens_details?: { readonly cached_tokens?: number | undefined } | null | undefined;
        readonly completion_tokens_details?: { readonly reasoning_tokens?: number | undefined } | null | undefined;
      }
    | null
    | undefined;
  readonly error?: unknown;
}

/** Usage follows the event that has the reason, so the end is `[DONE]` or the end of the stream. */
export function translateChatCompletion(event: ChatCompletionEvent, reply: ReplyWriter): boolean {
  const { model, choices, usage, error } = event;
  if (error) throw new ModelError("The model's provider reported an error.", { cause: error });
  reply.start(model);
  if (usage) {
    reply.usage = toUsage({
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
      totalTokens: usage.total_tokens,
      reasoningTokens: usage.completion_tokens_details?.reasoning_tokens,
      cachedInputTokens: usage.prompt_tokens_details?.cached_tokens,
    });
  }
  const choice = choices?.find(({ index }) => !index);
  const delta = choice?.delta;
  reply.append("reasoning", delta?.reasoning_content ?? delta?.reasoning);
  reply.append("text", delta?.content);
  if (delta?.refusal) {
    reply.append("text", delta.refusal, "refusal");
    reply.isRefused = true;
  }
  for (const annotation of delta?.annotations ?? []) cite(annotation.url_citation, reply);
  delta?.tool_calls?.forEach((call, place) => {
    translateToolCall(call, call.index ?? place, reply);
  });
  reply.finish = choice?.finish_reason ?? reply.finish;
  return false;
}

/** The first fragment of a call has its id and name. Some providers repeat them, some give every call the same index, and some give no id. */
export function translateToolCall(
  { id, function: called, custom }: ToolCallDelta,
  index: number,
  reply: ReplyWriter,
): void {
  const name = called?.name ?? custom?.name;
  const openId = reply.callId(index);
  if (name && (openId === undefined || (id && id !== openId))) {
    reply.closeCall(index);
    reply.startCall(index, { id, name, isText: custom !== undefined });
  }
  const input = called?.arguments ?? custom?.input;
  reply.appendInput(index, typeof input === "object" ? JSON.stringify(input) : input);
}
