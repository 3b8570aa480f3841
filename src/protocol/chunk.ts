/** What a model's provider needs back with a part, by the name of the provider. No reader is sent it. */
type ProviderMetadata = Readonly<Record<string, object>>;

/** Text or reasoning. Chunks with one `id` are of one part; it need not be started. */
type SpeechChunk = { readonly id: string; readonly providerMetadata?: ProviderMetadata } & (
  | { readonly type: "text-start" | "text-end" | "reasoning-start" | "reasoning-end" }
  | { readonly type: "text-delta" | "reasoning-delta"; readonly delta: string }
);

/** A call of a tool, by its `toolCallId`. One that is left without an output is open: docs/guides/tools.md. */
type ToolChunk = { readonly toolCallId: string; readonly providerMetadata?: ProviderMetadata } & (
  | { readonly type: "tool-input-start"; readonly toolName: string; readonly title?: string }
  | { readonly type: "tool-input-delta"; readonly inputTextDelta: string }
  | {
      readonly type: "tool-input-available";
      readonly toolName: string;
      readonly input: unknown;
      readonly title?: string;
      /** Whether the provider runs the tool by itself. Default `false`. */
      readonly providerExecuted?: boolean;
    }
  | {
      readonly type: "tool-input-error";
      readonly toolName: string;
      readonly input: unknown;
      readonly errorText: string;
    }
  | { readonly type: "tool-approval-request"; readonly approvalId: string }
  | { readonly type: "tool-output-available"; readonly output: unknown; readonly preliminary?: boolean }
  | { readonly type: "tool-output-error"; readonly errorText: string }
  | { readonly type: "tool-output-denied" }
);

/** What is shown beside the text. */
type AttachmentChunk =
  | { readonly type: "source-url"; readonly sourceId: string; readonly url: string; readonly title?: string }
  | {
      readonly type: "source-document";
      readonly sourceId: string;
      readonly mediaType: string;
      readonly title: string;
      readonly filename?: string;
    }
  | { readonly type: "file"; readonly url: string; readonly mediaType: string }
  | {
      readonly type: `data-${string}`;
      readonly data: unknown;
      /** A later chunk of the same type and id replaces it. */
      readonly id?: string;
      /** Whether it is neither shown nor kept. Default `false`. */
      readonly transient?: boolean;
    };

/** What happens to the reply as a whole. `reset-step` withdraws what was said since the last `start-step`, `error` fails the reply. */
type ControlChunk =
  | { readonly type: "start-step" | "finish-step" | "reset-step" | "abort" }
  | { readonly type: "start" | "message-metadata"; readonly messageMetadata?: object }
  | { readonly type: "error"; readonly errorText: string };

/**
 * A piece of a reply that is more than text, in the shape of a UI message chunk of the AI SDK (`ai` 7, `UIMessageChunk`). What has another
 * `type` is ignored.
 *
 * @example
 * yield { type: "text-delta", id: "1", delta: "Hello" };
 */
export type ReplyChunk =
  | SpeechChunk
  | ToolChunk
  | AttachmentChunk
  | ControlChunk
  | FinishChunk
  | { readonly type: string };

/** A piece of a reply: a string is the next part of its text. */
export type ReplyPiece = string | ReplyChunk;

/** Why a reply has ended: `metadata.finish` of its envelope. */
export type FinishReason =
  | "stop"
  | "length"
  | "tool-calls"
  | "content-filter"
  | "cancelled"
  | "interrupted"
  | "error"
  | "other";

/** The tokens of a reply: `metadata.usage` of its envelope. */
export interface ReplyUsage {
  inputTokens?: number;
  outputTokens?: number;
  totalTokens?: number;
  reasoningTokens?: number;
  cachedInputTokens?: number;
}

/** The last chunk of a reply. Its reasons are the AI SDK's; `messageMetadata` becomes metadata of the envelope. */
export interface FinishChunk {
  readonly type: "finish";
  readonly finishReason?: "stop" | "length" | "content-filter" | "tool-calls" | "error" | "other";
  readonly messageMetadata?: { readonly usage?: ReplyUsage; readonly model?: string };
}

/**
 * A part of a reply as everyone may see it, in the shape of a part of the AI SDK's `UIMessage`: `text`, `reasoning`, `dynamic-tool` (a tool
 * call, its `state`, and what it was given), `source-url`, `file`, `data-…` and so on.
 */
export interface ReplyPart {
  readonly type: string;
  /** Of `text` and `reasoning`: grows while the reply is being generated. */
  readonly text?: string;
  readonly [field: string]: unknown;
}
