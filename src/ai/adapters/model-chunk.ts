import type { FinishChunk, ReplyUsage } from "../../protocol/chunk.js";

/** A value of JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/** What a provider needs back with a part, by the name of the provider: ids of items, signatures, encrypted reasoning. */
export type ProviderMetadata = Record<string, { [key: string]: Json | undefined }>;

/** A reference that supports a text. */
export interface Citation {
  source:
    | {
        type: "source";
        sourceType: "url";
        id: string;
        url: string;
        title?: string;
        providerMetadata?: ProviderMetadata;
      }
    | {
        type: "source";
        sourceType: "document";
        id: string;
        mediaType: string;
        title: string;
        providerMetadata?: ProviderMetadata;
      };
  /** Where the text that it supports begins and ends, in UTF-16 units of its part. */
  startIndex?: number;
  endIndex?: number;
  /** The passage of the source. */
  citedText?: string;
}

interface Part {
  id: string;
  providerMetadata?: ProviderMetadata;
}

interface Call {
  toolCallId: string;
  /** Whether the provider runs the tool by itself. */
  providerExecuted?: boolean;
  providerMetadata?: ProviderMetadata;
}

/** The last chunk of a reply: why it ended, the tokens it took, and the model that wrote it. */
export interface ModelFinishChunk extends FinishChunk {
  readonly finishReason: "stop" | "length" | "content-filter" | "tool-calls" | "other";
  readonly messageMetadata: {
    usage?: ReplyUsage;
    model?: string;
    /** The provider's own word for `other`, such as Anthropic's `pause_turn`. */
    rawFinishReason?: string;
  };
}

/** The chunks that the adapters make: UI message chunks of the AI SDK. Each part is started before its deltas, and ended. */
export type ModelChunk =
  | { type: "start-step" | "finish-step" | "reset-step" }
  | ({ type: "text-start" | "reasoning-start" } & Part)
  | ({ type: "text-delta" | "reasoning-delta"; delta: string } & Part)
  | ({ type: "text-end" | "reasoning-end"; citations?: Citation[] } & Part)
  | ({ type: "tool-input-start"; toolName: string; inputEncoding?: "text" } & Call)
  | { type: "tool-input-delta"; toolCallId: string; inputTextDelta: string }
  | ({ type: "tool-input-available"; toolName: string; input: unknown } & Call)
  | ({ type: "tool-input-error"; toolName: string; input: unknown; errorText: string } & Call)
  | ({ type: "tool-output-available"; output: unknown } & Call)
  | ({ type: "tool-output-error"; errorText: string } & Call)
  | { type: "message-metadata"; messageMetadata: object }
  | { type: "data-handoff"; data: { from: unknown; to: unknown } }
  | ModelFinishChunk;
