import { hash } from "node:crypto";

/** A part of a reply that grows, as far as it is compared. */
export interface Part {
  type: string;
  text?: string;
}

/** What one viewer was sent, or its client showed, of replies while they grew. */
export type ViewEvent =
  /** A connection begins: the server sends again what goes on. */
  | { kind: "connected"; epoch?: string | undefined }
  /** The network has lost a frame of this connection. */
  | { kind: "lost" }
  | { kind: "stream"; id: string; of: string; attempt: number; n: number; parts: Part[] }
  | { kind: "delta"; id: string; n: number; at: number; text?: string; part?: Part }
  /** The client shows this text of a reply: its digest. */
  | { kind: "shown"; id: string; digest: string }
  /** The envelope of a reply has come. */
  | { kind: "ended"; id: string; text: string }
  /** A cancel was answered, by the id of the message or of a reply. */
  | { kind: "cancelled"; id: string; result: string };

/** What a client's snapshot has of a message. */
interface Shown {
  id: string;
  content: string;
  state: string;
}

const FRAMES = /^\{"type":"(stream|delta|cancelled)"/;

/** Writes down what one viewer is sent of replies while they grow, and what its client makes of it. */
export class View {
  readonly #events: ViewEvent[];
  /** The text that the client showed last of each reply. */
  #shown = new Map<string, string>();

  constructor(events: ViewEvent[]) {
    this.#events = events;
  }

  connected(epoch?: string): void {
    this.#events.push({ kind: "connected", epoch });
    this.#shown.clear();
  }

  lost(): void {
    this.#events.push({ kind: "lost" });
  }

  /** Reads a frame. Returns the message that a stream answers, if it is one that begins, or the id of one that grows. */
  heard(frame: string): { begins?: { id: string; of: string }; grows?: string } {
    const [, type] = FRAMES.exec(frame) ?? [];
    if (type === undefined) return {};
    const { id, ref, attempt, n, at, text, part, parts, result } = JSON.parse(frame);
    if (type === "cancelled") this.#events.push({ kind: "cancelled", id, result });
    else if (type === "stream") {
      this.#events.push({ kind: "stream", id, of: ref.id, attempt, n, parts });
      return { begins: { id, of: ref.id } };
    } else {
      this.#events.push({ kind: "delta", id, n, at, text, part });
      return { grows: id };
    }
    return {};
  }

  ended(id: string, text: string): void {
    this.#events.push({ kind: "ended", id, text });
    this.#shown.delete(id);
  }

  /** Compares what a client shows with what it showed before. A reply that is shown twice has no text that could be right. */
  shows(messages: readonly Shown[]): void {
    for (const { id, content, state } of messages) {
      if (state !== "streaming" || this.#shown.get(id) === content) continue;
      this.#shown.set(id, content);
      const isTwice = messages.some((other) => other.id === id && other.state !== "streaming");
      this.#events.push({ kind: "shown", id, digest: isTwice ? "twice" : digestOf(content) });
    }
  }
}

/** Stands for a text that is compared. */
export function digestOf(text: string): string {
  return hash("md5", text, "base64");
}
