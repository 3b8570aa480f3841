import type { CallAnswer } from "../../server/dialects/dialect.js";

/** The `metadata.mediaType` of an answer whose content is a JSON value. */
export const JSON_TYPE = "application/json";

/** A part of a message of the AI SDK, as far as it is read. Nothing is known of it. */
type Part = Readonly<Partial<Record<string, unknown>>>;

/** The answers to calls of tools in a message of the AI SDK. Results of tools that ran on the server are among them. */
export function readAnswers(parts: unknown): CallAnswer[] {
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part: unknown) => readAnswer(Object(part)) ?? []);
}

function readAnswer({ type, toolCallId, state, approval, output, errorText }: Part): CallAnswer | undefined {
  const isTool = type === "dynamic-tool" || (typeof type === "string" && type.startsWith("tool-"));
  if (!isTool || typeof toolCallId !== "string") return undefined;
  if (state === "approval-responded") {
    const { approved, reason }: Part = Object(approval);
    if (typeof approved !== "boolean") return undefined;
    const metadata = { approved, ...(typeof reason === "string" && { reason }) };
    return { toolCallId, isApproval: true, content: "", metadata };
  }
  const result = { toolCallId, isApproval: false, metadata: {} };
  if (state === "output-error") return { ...result, content: String(errorText), metadata: { isError: true } };
  if (state !== "output-available") return undefined;
  if (typeof output === "string") return { ...result, content: output };
  return { ...result, content: JSON.stringify(output ?? null), metadata: { mediaType: JSON_TYPE } };
}
