import { type Annotation, cite } from "./annotation.js";
import { ModelError } from "./model-error.js";
import type { ModelSource } from "./model-source.js";
import { type ModelReply, readReply } from "./read-reply.js";
import type { ReplyWriter } from "./reply-writer.js";
import { toUsage } from "./usage.js";

interface OutputItem {
  readonly type: string;
  readonly id?: string | null | undefined;
  readonly call_id?: string | null | undefined;
  readonly name?: string | undefined;
  readonly arguments?: unknown;
  readonly input?: unknown;
  readonly encrypted_content?: string | null | undefined;
}

interface FinalResponse {
  readonly model?: string | undefined;
  readonly error?: unknown;
  readonly incomplete_details?: { readonly reason?: string | undefined } | null | undefined;
  readonly usage?:
    | {
        readonly input_tokens?: number | undefined;
        readonly output_tokens?: number | undefined;
        readonly total_tokens?: number | undefined;
        readonly input_tokens_details?: { readonly cached_tokens?: number | undefined } | undefined;
        readonly output_tokens_details?: { readonly reasoning_tokens?: number | undefined } | undefined;
      }
    | null
    | undefined;
}

/** What is read of one event of OpenAI's Responses. */
export interface ResponsesEvent {
  readonly type: string;
  readonly output_index?: number | undefined;
  readonly item_id?: string | undefined;
  readonly content_index?: number | undefined;
  readonly summary_index?: number | undefined;
  readonly delta?: unknown;
  readonly item?: OutputItem | undefined;
  readonly annotation?: Annotation | null | undefined;
  readonly response?: FinalResponse | undefined;
}

/**
 * The reply of a model that speaks OpenAI's Responses. Ask for `stream: true`. Ids of items and encrypted reasoning are in
 * `providerMetadata.openai` of their parts, as the AI SDK has them. Calls of tools that OpenAI runs by itself are left out.
 *
 * @param source the `Response`, its body, or the stream that the `openai` package returns
 * @throws ModelError as it is read, for a request that was refused, an error in the stream, or a stream that breaks off
 *
 * @example
 * const reply = fromOpenAIResponses(await openai.responses.create({ model, input, stream: true }, { signal }));
 */
export function fromOpenAIResponses(source: ModelSource<ResponsesEvent>): ModelReply {
  return readReply(source, translate);
}

function translate(event: ResponsesEvent, reply: ReplyWriter): boolean {
  const { type, output_index, item_id, content_index, delta, response } = event;
  reply.start(response?.model);
  const openai = { itemId: item_id };
  switch (type) {
    case "response.output_item.added":
      startItem(event, reply);
      break;
    case "response.refusal.delta":
    case "response.output_text.delta":
      reply.isRefused ||= type === "response.refusal.delta";
      reply.append("text", delta, `${item_id} ${content_index}`, { openai });
      break;
    case "response.output_text.annotation.added":
      cite(event.annotation, reply);
      break;
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_text.delta":
      reply.append("reasoning", delta, `${item_id} ${event.summary_index ?? content_index}`, { openai });
      break;
    case "response.function_call_arguments.delta":
    case "response.custom_tool_call_input.delta":
      reply.appendInput(output_index, delta);
      break;
    case "response.output_item.done":
      endItem(event, reply);
      break;
    case "response.completed":
    case "response.incomplete":
      finish(response, reply);
      return true;
    case "response.failed":
    case "error":
      throw new ModelError("OpenAI reported an error.", { cause: response?.error ?? event });
  }
  return false;
}

/** Only these events have the name and the id of a call. */
function startItem({ item, output_index }: ResponsesEvent, reply: ReplyWriter): void {
  if (!item?.name || !item.call_id) return;
  reply.startCall(output_index, { id: item.call_id, name: item.name, isText: item.type === "custom_tool_call" });
}

function endItem({ item, output_index }: ResponsesEvent, reply: ReplyWriter): void {
  const openai = { itemId: item?.id };
  if (item?.type === "reasoning") {
    // The item is needed back with the calls that follow it, also if nothing of it is shown.
    reply.closeReasoning({ openai: { ...openai, reasoningEncryptedContent: item.encrypted_content ?? null } });
  } else {
    reply.closePart();
    reply.closeCall(output_index, item?.arguments ?? item?.input, { openai });
  }
}

function finish(response: FinalResponse | undefined, reply: ReplyWriter): void {
  const usage = response?.usage;
  reply.finish = response?.incomplete_details?.reason ?? "stop";
  reply.usage = toUsage({
    inputTokens: usage?.input_tokens,
    outputTokens: usage?.output_tokens,
    totalTokens: usage?.total_tokens,
    reasoningTokens: usage?.output_tokens_details?.reasoning_tokens,
    cachedInputTokens: usage?.input_tokens_details?.cached_tokens,
  });
}
