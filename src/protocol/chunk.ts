/**
 * A piece of a reply that is more than text, in the shape of a UI message chunk of the AI SDK (`ai` 7, `UIMessageChunk`): `text-start`,
 * `text-delta`, `text-end`, the same of `reasoning`, `tool-input-start`, `tool-input-delta`, `tool-input-available`,
 * `tool-output-available`, `tool-output-error`, `source-url`, `file`, `data-…`, `start-step`, `finish-step`, `finish`, `error` and so on.
 * What has another `type` is ignored.
 */
export interface ReplyChunk {
  readonly type: string;
}

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
export interface FinishChunk extends ReplyChunk {
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
