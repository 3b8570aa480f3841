import type { MessageStream } from "@anthropic-ai/sdk/lib/MessageStream";
import type { MessageParam, RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import type { Stream as AnthropicStream } from "@anthropic-ai/sdk/streaming";
import type { UIMessageChunk } from "ai";
import type { ChatCompletionChunk, ChatCompletionMessageParam } from "openai/resources/chat/completions";
import type { ResponseInput, ResponseStreamEvent } from "openai/resources/responses/responses";
import type { Stream as OpenAIStream } from "openai/streaming";
import { expect, expectTypeOf, it } from "vitest";
import {
  fromAgentLoop,
  fromAnthropic,
  fromOpenAIChat,
  fromOpenAIResponses,
  fromWorkersAI,
  type ModelChunk,
  type ModelReply,
} from "../../src/ai/index.js";
import type { ChatMessage, FinishChunk, ReplyPiece } from "../../src/protocol/index.js";

/* Types are checked by "npm run check"; these functions are never called. */

it("the adapters take what the providers' packages return", () => {
  const calls = [
    (stream: OpenAIStream<ChatCompletionChunk>) => fromOpenAIChat(stream),
    (stream: OpenAIStream<ResponseStreamEvent>) => fromOpenAIResponses(stream),
    (stream: AnthropicStream<RawMessageStreamEvent>) => fromAnthropic(stream),
    (stream: MessageStream) => fromAnthropic(stream),
    async (ai: Ai) =>
      fromWorkersAI(await ai.run("@cf/meta/llama-3.3-70b-instruct-fp8-fast", { prompt: "", stream: true })),
    (ai: Ai) =>
      ai
        .run("@cf/meta/llama-3.3-70b-instruct-fp8-fast", { prompt: "", stream: true }, { returnRawResponse: true })
        .then(fromWorkersAI),
    async (url: string) => fromAnthropic(await fetch(url)),
    (loop: AsyncIterable<LoopEvent>) => fromAgentLoop(loop),
  ];
  expect(calls).toHaveLength(8);
});

it("the adapters do not take what is another provider's", () => {
  const calls = [
    // @ts-expect-error: Anthropic's events have a type.
    (stream: OpenAIStream<ChatCompletionChunk>) => fromAnthropic(stream),
    // @ts-expect-error: so have those of OpenAI's Responses.
    (stream: OpenAIStream<ChatCompletionChunk>) => fromOpenAIResponses(stream),
    // @ts-expect-error: Anthropic's usage and delta are of another shape.
    (stream: AnthropicStream<RawMessageStreamEvent>) => fromOpenAIChat(stream),
    // @ts-expect-error: an agent loop is no answer of a server.
    (response: Response) => fromAgentLoop(response),
    // @ts-expect-error: a promise has to be awaited.
    (response: Promise<Response>) => fromAnthropic(response),
  ];
  expect(calls).toHaveLength(5);
});

it("their chunks are what a handler may return, and what the AI SDK reads", () => {
  expectTypeOf<ModelReply>().toExtend<AsyncIterable<ReplyPiece>>();
  expectTypeOf<ModelReply>().toExtend<AsyncIterable<UIMessageChunk>>();
  expectTypeOf<Extract<ModelChunk, { type: "finish" }>>().toExtend<FinishChunk>();
});

it("the messages of the guide are what the providers' packages ask with", () => {
  type Asked = Pick<ChatMessage, "role" | "content">[];
  expectTypeOf<Asked>().toExtend<ChatCompletionMessageParam[]>();
  expectTypeOf<Asked>().toExtend<ResponseInput>();
  expectTypeOf<Asked>().toExtend<MessageParam[]>();
  // Envelopes as they are have a type that is not one of OpenAI's.
  expectTypeOf<ChatMessage[]>().not.toExtend<ResponseInput>();
});

it("a handler may yield chunks as they are, and a misspelled field is an error", () => {
  const replies = [
    async function* speak(): AsyncGenerator<ReplyPiece> {
      yield { type: "start-step" };
      yield { type: "text-delta", id: "1", delta: "Hello" };
      yield { type: "tool-input-available", toolCallId: "c", toolName: "pay", input: { amount: 5 } };
      yield { type: "tool-approval-request", toolCallId: "c", approvalId: "a" };
      yield { type: "data-mood", data: "good", transient: true };
      yield { type: "finish", finishReason: "tool-calls", messageMetadata: { model: "m" } };
    },
    async function* misspell(): AsyncGenerator<ReplyPiece> {
      // @ts-expect-error: it is a delta.
      yield { type: "text-delta", id: "1", dleta: "Hello" };
    },
    async function* passOn(stream: AsyncIterable<UIMessageChunk>): AsyncGenerator<ReplyPiece> {
      yield* stream;
    },
  ];
  expect(replies).toHaveLength(3);
});

/** Events of an agent loop, as a package would declare them. */
type LoopEvent =
  | { type: "step-start"; step: number; agent: string }
  | { type: "text-delta"; delta: string; step: number }
  | { type: "tool-start"; call: { id: string; name: string; arguments: Record<string, unknown> } }
  | { type: "tool-end"; call: { id: string; name: string }; result: string; isError: boolean }
  | { type: "tool-rejected"; call: { id: string; name: string; arguments: Record<string, unknown> }; reason: string }
  | { type: "handoff"; from: string; to: string }
  | { type: "step-complete"; usage: { inputTokens: number; outputTokens: number } }
  | { type: "after-model-retry"; attempt: number }
  | { type: "error"; error: unknown }
  | { type: "done"; stopReason: string; usage: { inputTokens: number; outputTokens: number; totalTokens: number } };
