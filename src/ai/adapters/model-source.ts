/**
 * Where a model's reply comes from: the answer to a request, its body, or what a provider's SDK returns for a stream.
 * `Event` is what one event of it holds.
 */
export type ModelSource<Event> = Response | ReadableStream<Uint8Array | string> | AsyncIterable<Event>;

/** A source that is read, one piece at a time: text, bytes, or an event that is parsed already. */
export interface OpenSource {
  read(): Promise<{ done?: boolean | undefined; value?: unknown }>;
  /** Stops the source, also while a read is pending. Neither waits nor throws. */
  cancel(): void;
}

/** Takes hold of a stream or an iterable. Nothing is read before it is asked for. */
export function openSource(source: ReadableStream | AsyncIterable<unknown>): OpenSource {
  if ("getReader" in source) {
    const reader = source.getReader();
    return { read: () => reader.read(), cancel: () => void reader.cancel().catch(ignore) };
  }
  const iterator = source[Symbol.asyncIterator]();
  return {
    read: () => iterator.next(),
    cancel() {
      // A generator takes `return` only between two events. The streams of the providers' SDKs abort their request by this.
      if ("controller" in source && source.controller instanceof AbortController) source.controller.abort();
      void iterator.return?.()?.catch(ignore);
    },
  };
}

function ignore(): void {
  // The source is stopped: nobody waits for how that went.
}
