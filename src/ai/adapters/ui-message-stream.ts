import type { ReplyChunk } from "../../protocol/chunk.js";
import type { ModelChunk } from "./model-chunk.js";
import { ModelError } from "./model-error.js";
import { readReply } from "./read-reply.js";
import type { ReplyWriter } from "./reply-writer.js";

/** What is read of one chunk of the AI SDK. The rest is passed on. */
interface UIMessageChunk {
  readonly type: string;
  readonly finishReason?: string;
  readonly errorText?: unknown;
}

/**
 * The reply of a server that answers with the AI SDK's UI message stream, as `createUIMessageStreamResponse` makes it. Its chunks are passed on as
 * they are.
 *
 * @param source the `Response`, or its body
 * @throws ModelError as it is read, for a request that was refused, an error in the stream, or a stream that breaks off
 *
 * @example
 * const reply = fromUIMessageStream(await fetch("https://assistant.example/api/chat", { method: "POST", body, signal }));
 */
export function fromUIMessageStream(
  source: Response | ReadableStream<Uint8Array | string>,
): AsyncIterableIterator<ReplyChunk, undefined, undefined> {
  return readReply<UIMessageChunk>(source, translate, () => undefined);
}

function translate(chunk: UIMessageChunk, reply: ReplyWriter): boolean {
  const { type, finishReason = "stop", errorText } = chunk;
  if (typeof type !== "string") throw new TypeError("A chunk has no type.");
  if (type === "error") throw new ModelError("The stream reported an error.", { cause: errorText });
  if (type === "finish" || type === "abort") reply.finish = finishReason;
  reply.write(chunk as ModelChunk);
  return false;
}
