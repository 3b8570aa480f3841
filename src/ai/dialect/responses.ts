import { stringify } from "../../protocol/codec.js";
import type { OpenRequest } from "../../server/dialects/dialect.js";
import type { UIChunk } from "../chunks/ui-chunk.js";

/** A frame without more than its type. `start` and `no-active` answer a `resume`, `end` ends any answer. */
export function encodeResponse(type: "start" | "no-active" | "end", requestId: string): string {
  return stringify({ type, requestId });
}

export function encodeError(requestId: string, errorText: string): string {
  return stringify({ type: "error", requestId, errorText });
}

/** The next pieces of an answer. */
export function encodeChunks(request: OpenRequest, chunks: readonly UIChunk[]): string[] {
  return chunks.map((chunk) =>
    stringify({ type: "chunk", requestId: request.id, sequence: request.sequence++, chunk }),
  );
}
