import type { ReplyUsage } from "../../protocol/chunk.js";
import { ModelError } from "./model-error.js";
import type { ModelSource } from "./model-source.js";
import { type ModelReply, readReply } from "./read-reply.js";
import type { ReplyWriter } from "./reply-writer.js";
import { toUsage } from "./usage.js";

interface Block {
  readonly type: string;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly input?: unknown;
  readonly text?: string | undefined;
  /** Of `redacted_thinking`. */
  readonly data?: string | undefined;
  /** Of results of tools that Anthropic runs. */
  readonly tool_use_id?: string | undefined;
  readonly content?: unknown;
  readonly is_error?: boolean | undefined;
}

interface Delta {
  readonly type?: string | undefined;
  readonly text?: string | undefined;
  readonly thinking?: string | undefined;
  readonly signature?: string | undefined;
  readonly partial_json?: string | undefined;
  readonly citation?: CitationLocation | undefined;
  readonly stop_reason?: string | null | undefined;
}

interface CitationLocation {
  readonly url?: string | undefined;
  readonly title?: string | null | undefined;
  readonly document_title?: string | null | undefined;
  readonly source?: string | undefined;
  readonly cited_text?: string | undefined;
}

interface Usage {
  readonly input_tokens?: number | null | undefined;
  readonly output_tokens?: number | null | undefined;
  readonly cache_creation_input_tokens?: number | null | undefined;
  readonly cache_read_input_tokens?: number | null | undefined;
  readonly output_tokens_details?: { readonly thinking_tokens?: number | undefined } | null | undefined;
}

/** What is read of one event of Anthropic's messages. */
export interface AnthropicEvent {
  readonly type: string;
  readonly message?: { readonly model?: string | undefined; readonly usage?: Usage | undefined } | undefined;
  readonly content_block?: Block | undefined;
  readonly delta?: Delta | undefined;
  readonly usage?: Usage | undefined;
  readonly error?: unknown;
}

/**
 * The reply of a model that speaks Anthropic's messages. Ask for `stream: true`. Signatures, redacted thinking and citations are in
 * `providerMetadata.anthropic` of their parts, as the AI SDK has them. Calls of tools that Anthropic runs by itself have
 * `providerExecuted`. A `pause_turn` is `other`: send the reply back, and the model goes on.
 *
 * @param source the `Response`, its body, or the stream that `@anthropic-ai/sdk` returns
 * @throws ModelError as it is read, for a request that was refused, an error in the stream, or a stream that breaks off
 *
 * @example
 * const reply = fromAnthropic(await anthropic.messages.create({ model, max_tokens, messages, stream: true }, { signal }));
 */
export function fromAnthropic(source: ModelSource<AnthropicEvent>): ModelReply {
  const usage: Usage = {};
  const block: TextBlock = { start: 0, citations: [] };
  return readReply(source, (event, reply) => {
    const { type, message, delta } = event;
    if (type === "error") throw new ModelError("Anthropic reported an error.", { cause: event.error });
    if (type === "message_start") reply.start(message?.model);
    // A model that thinks without showing it sends nothing else. A piece keeps the turn from timing out.
    else if (type === "ping") reply.write({ type: "message-metadata", messageMetadata: {} });
    else if (type === "content_block_start") startBlock(event, block, reply);
    else if (type === "content_block_delta") appendDelta(event, block, reply);
    else if (type === "content_block_stop") endBlock(block, reply);
    Object.assign(usage, withoutNull(message?.usage), withoutNull(event.usage));
    if (delta?.stop_reason) reply.finish = delta.stop_reason;
    if (type !== "message_stop") return false;
    reply.usage = countTokens(usage);
    return true;
  });
}

/** Text is cut into blocks where its citations change, in the middle of sentences, too. So blocks that follow each other are one part. */
interface TextBlock {
  /** Where it starts in the part. */
  start: number;
  readonly citations: CitationLocation[];
}

function startBlock({ content_block }: AnthropicEvent, block: TextBlock, reply: ReplyWriter): void {
  const { type = "", id, name = "", tool_use_id: toolCallId, content, text, data, is_error } = content_block ?? {};
  if (type !== "text") reply.closePart();
  block.start = reply.textLength;
  if (type.endsWith("tool_use")) reply.startCall("call", { id, name, providerExecuted: type !== "tool_use" });
  else if (toolCallId !== undefined) reply.answerCall(toolCallId, toResult(content, is_error));
  else if (type === "redacted_thinking") reply.closeReasoning({ anthropic: { redactedData: data } });
  else reply.append("text", text);
}

function appendDelta({ delta }: AnthropicEvent, { citations }: TextBlock, reply: ReplyWriter): void {
  reply.append("text", delta?.text);
  reply.append("reasoning", delta?.thinking);
  reply.appendInput("call", delta?.partial_json);
  if (delta?.signature) reply.closeReasoning({ anthropic: { signature: delta.signature } });
  if (delta?.citation) citations.push(delta.citation);
}

function endBlock({ start, citations }: TextBlock, reply: ReplyWriter): void {
  for (const citation of citations.splice(0)) {
    const { url, title, document_title, source, cited_text: citedText } = citation;
    reply.cite({
      url,
      title: title ?? document_title ?? source,
      startIndex: start,
      endIndex: reply.textLength,
      citedText,
      providerMetadata: { anthropic: { ...citation } },
    });
  }
  reply.closeCall("call");
}

/** The result of a tool that Anthropic ran. An error is an object that says so by its type. */
function toResult(output: unknown, isError: boolean | undefined): { output: unknown } | { errorText: string } {
  const { type, error_code: code } = Object(output);
  if (!isError && !String(type).endsWith("_error")) return { output };
  return { errorText: String(code ?? JSON.stringify(output)) };
}

/** Usage is counted up in the course of the reply; what an event does not say is `null`. */
function withoutNull(usage: Usage | undefined): Usage {
  return Object.fromEntries(Object.entries(usage ?? {}).filter(([, value]) => value !== null));
}

function countTokens(usage: Usage): ReplyUsage {
  const { input_tokens: input, cache_creation_input_tokens: written, cache_read_input_tokens: read } = usage;
  return toUsage({
    inputTokens: (input ?? 0) + (written ?? 0) + (read ?? 0),
    outputTokens: usage.output_tokens,
    reasoningTokens: usage.output_tokens_details?.thinking_tokens,
    cachedInputTokens: read,
  });
}
