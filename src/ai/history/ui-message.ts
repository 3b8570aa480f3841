import type { Citation, ProviderMetadata } from "../adapters/model-chunk.js";

interface ToolPartBase {
  type: "dynamic-tool";
  toolCallId: string;
  toolName: string;
  title?: string;
  /** Whether the provider has run the tool by itself. */
  providerExecuted?: boolean;
  callProviderMetadata?: ProviderMetadata;
  resultProviderMetadata?: ProviderMetadata;
}

/** A call of a tool, and what became of it. */
export type UIToolPart = ToolPartBase &
  (
    | { state: "input-available"; input: unknown }
    | { state: "approval-requested"; input: unknown; approval: { id: string } }
    | { state: "approval-responded"; input: unknown; approval: { id: string; approved: boolean; reason?: string } }
    | { state: "output-available"; input: unknown; output: unknown }
    | { state: "output-error"; input: unknown; errorText: string }
    | { state: "output-denied"; input: unknown; approval: { id: string; approved: false; reason?: string } }
  );

/** A part of a message, in the shape of the AI SDK's. */
export type UIPart =
  | { type: "text"; text: string; citations?: Citation[]; providerMetadata?: ProviderMetadata }
  | { type: "reasoning"; text: string; providerMetadata?: ProviderMetadata }
  | { type: "custom"; kind: `${string}.${string}`; providerMetadata?: ProviderMetadata }
  | { type: "step-start" }
  | { type: "source-url"; sourceId: string; url: string; title?: string }
  | { type: "file"; mediaType: string; url: string }
  | { type: `data-${string}`; id?: string; data: unknown }
  | UIToolPart;

/** A message of a conversation, in the shape of the AI SDK's `UIMessage`. */
export interface UIMessageOfHistory {
  /** The id of its envelope. A reply that continues another one has the id of that one. */
  id: string;
  role: "user" | "assistant" | "system";
  parts: UIPart[];
  /** The envelope's, without its parts. */
  metadata: Record<string, unknown>;
}
