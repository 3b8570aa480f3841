import type { UIPart } from "../history/ui-message.js";
import { toToolChunks } from "./tool-chunks.js";
import type { UIChunk } from "./ui-chunk.js";

type TextPart = Extract<UIPart, { type: "text" | "reasoning" }>;

/** Writes the chunks that bring a reader from the parts that it has to those of now: none for what has not changed. */
export class PartWriter {
  #sent: readonly UIPart[];
  /** The texts that may still grow, by their places. */
  readonly #open = new Map<number, { type: TextPart["type"]; id: string }>();
  #texts = 0;

  /** @param shown the parts that the reader has */
  constructor(shown: readonly UIPart[] = []) {
    this.#sent = shown;
  }

  /**
   * @param parts all of them, as they are now
   * @returns `undefined` if parts of an earlier step have changed: no chunk takes them back
   */
  write(parts: readonly UIPart[]): UIChunk[] | undefined {
    const chunks: UIChunk[] = [];
    const conflict = this.#sent.findIndex((before, at) => !this.#continues(before, parts[at], at));
    if (conflict >= 0) {
      const step = this.#sent.findLastIndex(({ type }) => type === "step-start");
      if (conflict <= step) return undefined;
      chunks.push({ type: "reset-step" });
      this.#sent = this.#sent.slice(0, step + 1);
      this.#open.clear();
    }
    for (const [at, part] of parts.entries()) {
      const before = this.#sent[at];
      if (before === undefined) chunks.push(...this.end());
      chunks.push(...this.#toChunks(part, before, at));
    }
    this.#sent = parts;
    return chunks;
  }

  /** Ends the texts that may still grow. */
  end(): UIChunk[] {
    const ends = Array.from(this.#open.values(), ({ type, id }): UIChunk => ({ type: `${type}-end`, id }));
    this.#open.clear();
    return ends;
  }

  /** Whether a part has become another one in a way that chunks can tell. */
  #continues(before: UIPart, after: UIPart | undefined, at: number): boolean {
    if (isText(before) && isText(after)) {
      const canGrow = this.#open.has(at) || before.text.length === after.text.length;
      return before.type === after.type && canGrow && after.text.startsWith(before.text);
    }
    if (before.type === "dynamic-tool" && after?.type === "dynamic-tool") return before.toolCallId === after.toolCallId;
    return (isNamed(before) && isNamed(after) && before.id === after.id) || isSame(before, after);
  }

  #toChunks(part: UIPart, before: UIPart | undefined, at: number): UIChunk[] {
    if (isText(part)) return this.#toTextChunks(part, before && isText(before) ? before.text.length : -1, at);
    if (part.type === "dynamic-tool") return toToolChunks(part, before?.type === part.type ? before : undefined);
    if (isSame(before, part)) return [];
    return [part.type === "step-start" ? { type: "start-step" } : part];
  }

  /** @param length of what was sent of it; -1 if it is new */
  #toTextChunks({ type, text, providerMetadata }: TextPart, length: number, at: number): UIChunk[] {
    const chunks: UIChunk[] = [];
    const open = this.#open.get(at) ?? { type, id: `${this.#texts}` };
    const { id } = open;
    if (length < 0) {
      this.#texts += 1;
      this.#open.set(at, open);
      chunks.push({ type: `${type}-start`, id, ...(providerMetadata && { providerMetadata }) });
    }
    const delta = text.slice(Math.max(0, length));
    if (delta !== "") chunks.push({ type: `${type}-delta`, id, delta });
    return chunks;
  }
}

function isText(part: UIPart | undefined): part is TextPart {
  return part?.type === "text" || part?.type === "reasoning";
}

/** Data with an id may change. */
function isNamed(part: UIPart | undefined): part is UIPart & { type: `data-${string}`; id: string } {
  return part !== undefined && "id" in part && part.id !== undefined;
}

function isSame(one: UIPart | undefined, other: UIPart | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
