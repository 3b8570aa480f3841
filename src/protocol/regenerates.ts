import { isId } from "./codec.js";
import type { ChatMessage } from "./envelope.js";

/** An envelope of the log, as another one names it. */
export interface EnvelopeReference {
  seq: number;
  id: string;
}

/** What an envelope asks to be answered again; `undefined` for any other envelope. PROTOCOL.md, "Regenerating". */
export function readRegenerates({
  type,
  content,
  metadata,
}: Pick<ChatMessage, "type" | "content" | "metadata">): EnvelopeReference | undefined {
  const named: unknown = type === "message" && content === "" ? metadata?.["regenerates"] : undefined;
  const { seq, id }: Partial<Record<keyof EnvelopeReference, unknown>> = Object(named);
  return isId(id) && typeof seq === "number" && Number.isSafeInteger(seq) ? { seq, id } : undefined;
}
