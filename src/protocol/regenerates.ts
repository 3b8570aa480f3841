import { isId } from "./codec.js";
import type { ChatMessage } from "./envelope.js";

/** An envelope of the log, as another one names it. */
export interface EnvelopeReference {
  seq: number;
  id: string;
}

type Request = Pick<ChatMessage, "type" | "content" | "metadata">;

/** What an envelope asks to be answered again; `undefined` for any other envelope. PROTOCOL.md, "Regenerating". */
export function readRegenerates(envelope: Request): EnvelopeReference | undefined {
  const id = readRegeneratedId(envelope);
  const { seq }: { seq?: unknown } = Object(envelope.metadata?.["regenerates"]);
  return id !== undefined && typeof seq === "number" && Number.isSafeInteger(seq) ? { seq, id } : undefined;
}

/** The id that it names, which is all of it where the client knows no seqs. */
export function readRegeneratedId({ type, content, metadata }: Request): string | undefined {
  const named: unknown = type === "message" && content === "" ? metadata?.["regenerates"] : undefined;
  const { id }: { id?: unknown } = Object(named);
  return isId(id) ? id : undefined;
}
