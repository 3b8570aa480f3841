import type { ReplyPart, ReplyPiece } from "../../protocol/chunk.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError } from "../../protocol/errors.js";

/** What a reply may be streamed from: pieces that are iterated, or a body of text. */
export type ReplySource = AsyncIterable<ReplyPiece> | ReadableStream<ReplyPiece | Uint8Array> | Response;

/** What was saved of a reply before an interruption: the envelope that it would be. */
export interface PartialReply extends ChatMessage {
  /** All of its parts, where some are private. */
  parts?: ReplyPart[];
}

/**
 * Makes the source of a streamed reply. It is not called if the reply is in the log.
 *
 * @param signal that of the turn
 * @param partial what an earlier attempt has saved of this reply; `undefined` if nothing
 */
export type MakeSource = (signal: AbortSignal, partial: PartialReply | undefined) => ReplySource | Promise<ReplySource>;

/** Where the pieces of a reply come from. */
export interface PieceReader {
  /** The next pieces: strings, UTF-8 bytes or chunks. */
  next(): Promise<{ done?: boolean; value?: unknown }>;
  /** Ends the source. One that is busy may end later. */
  return?(): unknown;
}

/** Whether a reply is a source of pieces. */
export function isSource(value: unknown): value is ReplySource {
  return typeof value === "object" && value !== null && (value instanceof Response || Symbol.asyncIterator in value);
}

/** Opens a source. @throws ChatError `INVALID_OPTION` for a `Response` that has to be adapted first, Error for one that failed */
export function openSource(source: ReplySource): PieceReader {
  if (source instanceof ReadableStream) return read(source);
  return source instanceof Response ? read(bodyOf(source)) : source[Symbol.asyncIterator]();
}

function bodyOf({ ok, status, headers, body }: Response): ReadableStream {
  const isText = !headers.get("content-type")?.startsWith("text/event-stream");
  if (ok && body !== null && isText) return body;
  void body?.cancel().catch(() => undefined);
  // The body is for the log at most, and never for a client.
  if (!ok || body === null) throw new Error(`The source of the reply answered ${status}.`);
  throw new ChatError("INVALID_OPTION", "A body of events needs an adapter of @workkit/chat/ai.");
}

/** Leaves a source that is open. What it does or throws after that changes nothing. */
export function leave(reader: PieceReader): void {
  try {
    void Promise.resolve(reader.return?.()).catch(() => undefined);
  } catch {
    // It is left all the same.
  }
}

/** Ends a source that nobody reads: what the model still says would be paid for. */
export function discard(source: ReplySource): void {
  try {
    leave(openSource(source));
  } catch {
    // It was never open.
  }
}

/** Unlike an iterator of the stream, a reader can be cancelled while it waits. */
function read(stream: ReadableStream): PieceReader {
  const reader = stream.getReader();
  return { next: () => reader.read(), return: () => reader.cancel() };
}
