import type { ChatMessage } from "../../protocol/envelope.js";
import type { ChatError } from "../../protocol/errors.js";
import type { Connection } from "../connection/connection.js";
import type { Regeneration } from "../turn/regeneration.js";

/** A message that a client has sent, valid in itself. */
export interface Inbound {
  connection: Connection;
  message: ChatMessage;
  /** v1: the cursor that a resend carries. */
  after: string | undefined;
  /** What it asks to be answered again, once that is known. */
  regeneration?: Regeneration | undefined;
  /** Bytes of its frame; of a small one its characters, where no hook will see it. */
  bytes: number;
}

/** Reports to the application's hook how the turn of a message ended, or that it has none. A turn that is run again has no message to report. */
export function turnEnded(inbound: Inbound | undefined, error?: ChatError): void {
  if (!inbound) return;
  const { connection, message, bytes } = inbound;
  connection.reportFrame(error ? { stage: "rejected", bytes, message, error } : { stage: "handled", bytes, message });
}
