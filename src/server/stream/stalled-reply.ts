import type { ReplyPart } from "../../protocol/chunk.js";
import type { Connection } from "../connection/connection.js";
import type { Draft } from "../turn/context.js";
import { encodeStream, type StreamingTurn } from "./reply-stream.js";

/** A reply of an interrupted turn, of which the attempt that runs again has shown nothing yet: what was saved of it is shown until then. */
export class StalledReply {
  readonly n = 1;
  readonly sent = new WeakMap<Connection, number>();
  readonly #id: string;
  readonly #turn: StreamingTurn;
  #snapshot = "";

  constructor(id: string, turn: StreamingTurn) {
    this.#id = id;
    this.#turn = turn;
  }

  /** Whether it still is: neither begun again nor ended. */
  get isStalled(): boolean {
    return !this.#turn.over && this.#turn.saved.has(this.#id);
  }

  get size(): number {
    return this.snapshot().length;
  }

  frame(): undefined {
    return undefined;
  }

  snapshot(): string {
    const { draft } = this.#turn.saved.get(this.#id) ?? {};
    this.#snapshot ||= encodeStream(this.#turn, this.#turn.attempt - 1, this.#id, this.n, toParts(draft));
    return this.#snapshot;
  }
}

/** The parts of a draft, whose texts are ranges of its content. Its row may be damaged: what is no part is left out (P19). */
function toParts(draft?: Pick<Draft, "content" | "metadata">): ReplyPart[] {
  const { content = "", metadata = {} } = draft ?? {};
  const { parts = [{ type: "text" }] } = metadata;
  return [parts].flat().flatMap((given): ReplyPart[] => {
    const part = Object(given);
    if (typeof part.type !== "string") return [];
    return [part.type === "text" ? { type: "text", text: content.slice(part.start, part.end) } : part];
  });
}
