import { EventStreamParser } from "./event-stream.js";
import type { ModelChunk } from "./model-chunk.js";
import { ModelError } from "./model-error.js";
import { type ModelSource, type OpenSource, openSource } from "./model-source.js";
import { ReplyWriter } from "./reply-writer.js";

/** Most characters of a refused request's answer that its error keeps. */
const MAX_REFUSAL_LENGTH = 2_000;

/** Writes what one event of a provider means. Returns whether it was the last one. */
export type Translate<Event> = (event: Event, reply: ReplyWriter) => boolean;

/** The chunks of one reply. To leave them stops the source at once. */
export type ModelReply = AsyncIterableIterator<ModelChunk, undefined, undefined>;

/**
 * Translates the events of a source. One piece of it is read each time that chunks are asked for and none are left.
 *
 * @param end writes what follows the last event. Default: the ends of what is open, and of the reply
 */
export function readReply<Event extends object>(
  source: ModelSource<Event>,
  translate: Translate<Event>,
  end = (reply: ReplyWriter) => reply.end(),
): ModelReply {
  const response = source instanceof Response ? source : undefined;
  const open = openSource(source instanceof Response ? (source.body ?? new Blob().stream()) : source);
  return leaveAtOnce(run(), open);

  async function* run(): AsyncGenerator<ModelChunk, undefined, undefined> {
    const reply = new ReplyWriter();
    if (response !== undefined) await checkResponse(response, open);
    for await (const event of readEvents<Event>(open)) {
      const isLast = readEvent(event, reply, translate);
      yield* reply.take();
      if (isLast) break;
    }
    if (reply.finish === undefined) throw new ModelError("The model's stream ended before the reply was complete.");
    end(reply);
    yield* reply.take();
  }
}

/** A generator takes `return` only when its pending read has ended. This stops the source first, and lets nobody wait for it. */
export function leaveAtOnce(chunks: AsyncGenerator<ModelChunk, undefined, undefined>, open: OpenSource): ModelReply {
  let isLeft = false;
  const done = { done: true, value: undefined } as const;
  return {
    async next() {
      try {
        const result = await chunks.next();
        if (!isLeft) {
          if (result.done) open.cancel();
          return result;
        }
      } catch (error) {
        open.cancel();
        if (!isLeft) throw error;
      }
      return done;
    },
    async return() {
      isLeft = true;
      open.cancel();
      void chunks.return(undefined);
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The events of a source, or their data where it is an event stream. */
async function* readEvents<Event>(open: OpenSource): AsyncGenerator<Event | string, void> {
  const parser = new EventStreamParser();
  const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
  for (;;) {
    const { done, value } = await open.read();
    if (done) break;
    if (typeof value === "string") yield* parser.push(value);
    else if (ArrayBuffer.isView(value)) yield* parser.push(decoder.decode(value, { stream: true }));
    else yield value as Event;
  }
  yield* parser.push(decoder.decode());
  yield* parser.end();
}

/** Returns whether the event was the last one. Of a format that is not the expected one, any field may be missing or be anything. */
function readEvent<Event>(event: Event | string, reply: ReplyWriter, translate: Translate<Event>): boolean {
  if (event === "[DONE]") {
    reply.finish ??= "stop";
    return true;
  }
  try {
    return translate(typeof event === "string" ? JSON.parse(event) : event, reply);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError("The model's stream is not of the expected format.", { cause });
  }
}

async function checkResponse({ ok, status, headers }: Response, open: OpenSource): Promise<void> {
  const type = headers.get("content-type");
  if (ok && type?.startsWith("application/json")) {
    throw new ModelError(`The model answered with ${type} instead of a stream. Ask for one with "stream": true.`);
  }
  if (ok) return;
  const decoder = new TextDecoder();
  let cause = "";
  while (cause.length < MAX_REFUSAL_LENGTH) {
    const { done, value } = await open.read();
    if (done) break;
    cause += decoder.decode(value as Uint8Array, { stream: true });
  }
  throw new ModelError(`The model answered with status ${status}.`, {
    status,
    cause: cause.slice(0, MAX_REFUSAL_LENGTH),
  });
}
