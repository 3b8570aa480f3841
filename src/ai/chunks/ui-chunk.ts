import type { FinishReason } from "../../protocol/chunk.js";
import type { ProviderMetadata } from "../adapters/model-chunk.js";
import type { UIPart } from "../history/ui-message.js";

interface Part {
  id: string;
  providerMetadata?: ProviderMetadata;
}

interface Call {
  toolCallId: string;
  dynamic: true;
  providerExecuted?: boolean;
}

/** The chunks that show a reply of a session to the AI SDK: `UIMessageChunk`s of it. */
export type UIChunk =
  | { type: "start"; messageId: string }
  | { type: "error"; errorText: string }
  | { type: "start-step" | "reset-step" | "abort" }
  | ({ type: "text-start" | "reasoning-start" } & Part)
  | { type: "text-delta" | "reasoning-delta"; id: string; delta: string }
  | { type: "text-end" | "reasoning-end"; id: string }
  | ({
      type: "tool-input-available";
      toolName: string;
      title?: string;
      input: unknown;
      providerMetadata?: ProviderMetadata;
    } & Call)
  | { type: "tool-approval-request"; toolCallId: string; approvalId: string }
  | { type: "tool-approval-response"; approvalId: string; approved: boolean; reason?: string }
  | ({ type: "tool-output-available"; output: unknown } & Call)
  | ({ type: "tool-output-error"; errorText: string } & Call)
  | { type: "tool-output-denied"; toolCallId: string }
  | Extract<UIPart, { type: "source-url" | "file" | "custom" | `data-${string}` }>
  | {
      type: "finish";
      finishReason?: Exclude<FinishReason, "cancelled">;
      messageMetadata: Record<string, unknown>;
    };
