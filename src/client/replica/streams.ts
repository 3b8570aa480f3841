import type { ReplyPart } from "../../protocol/chunk.js";
import type { DeltaFrame, StreamFrame } from "../../protocol/frames.js";
import { toKey } from "../message-key.js";
import type { StreamingMessage } from "../snapshot.js";
import { Timer } from "../timer.js";

/** Milliseconds between two updates of replies that grow. */
const UPDATE_INTERVAL_MS = 50;

/** A reply that the server is generating. */
interface Stream {
  /** The number of its last frame. */
  n: number;
  message: StreamingMessage;
}

/** The replies that are being generated, in the order in which they began. PROTOCOL.md, "Streams". */
export class Streams {
  readonly #streams = new Map<string, Stream>();
  /** Is set while the last update is shown, and whether it is out of date by then. */
  readonly #timer = new Timer();
  #isStale = false;
  readonly #show: () => void;

  /** @param show is called when replies have grown, at most 20 times a second */
  constructor(show: () => void) {
    this.#show = show;
  }

  list(): StreamingMessage[] {
    return [...this.#streams.values()].map(({ message }) => message);
  }

  /** Applies a frame, and has it shown soon. */
  apply(frame: StreamFrame | DeltaFrame): void {
    if (frame.type === "stream") this.#begin(frame);
    else this.#grow(frame);
    this.#isStale = true;
    this.#showSoon();
  }

  /** Replaces what is shown of a reply. */
  #begin({ id, n, parts, ref }: StreamFrame): void {
    const { timestamp = Date.now() } = this.#streams.get(id)?.message ?? {};
    const { id: inReplyTo, seq: _, ...more } = ref;
    const metadata = { inReplyTo, ...more };
    const fields = { id, timestamp, key: toKey({ id, timestamp }), metadata };
    const message = { ...fields, type: "message", role: "assistant", state: "streaming" } as const;
    this.#streams.set(id, { n, message: { ...message, ...withText(parts) } });
  }

  /** Applies what a reply has grown by. A frame that does not follow the last one changes nothing. */
  #grow({ id, n, at, part, text }: DeltaFrame): void {
    const stream = this.#streams.get(id);
    const parts = [...(stream?.message.parts ?? [])];
    const before = parts[at];
    const next = part ?? (before && { ...before, text: `${before.text ?? ""}${text}` });
    if (stream?.n !== n - 1 || !next || at > parts.length) return;
    parts[at] = next;
    this.#streams.set(id, { n, message: { ...stream.message, ...withText(parts) } });
  }

  /** The envelope of a reply has come. Returns the key that the reply had. */
  end(id: string): string | undefined {
    const key = this.#streams.get(id)?.message.key;
    this.#streams.delete(id);
    return key;
  }

  #showSoon(): void {
    if (this.#timer.isSet || !this.#isStale) return;
    this.#isStale = false;
    this.#show();
    this.#timer.set(UPDATE_INTERVAL_MS, () => this.#showSoon());
  }

  /** Drops all: the server sends those that go on again. */
  clear(): void {
    this.#streams.clear();
  }
}

function withText(parts: readonly ReplyPart[]): Pick<StreamingMessage, "content" | "parts"> {
  const texts = parts.flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : []));
  return { content: texts.join("\n\n"), parts };
}
