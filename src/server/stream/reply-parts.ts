import type { ReplyPart } from "../../protocol/chunk.js";
import { stringify } from "../../protocol/codec.js";
import { checkDepth } from "../receive/depth.js";

/** What readers are shown beside the text: by default neither reasoning nor what tools returned. */
export interface ReplyVisibility {
  /** Whether everyone may read the model's reasoning. Default `false`. */
  reasoning?: boolean;
  /** Whether everyone may read what tools returned. Default `false`. */
  toolOutputs?: boolean;
}

type Chunk = Record<string, unknown>;

/** The state of a tool call after a chunk. */
const TOOL_STATES: Record<string, string> = {
  "tool-input-start": "input-streaming",
  "tool-input-available": "input-available",
  "tool-input-error": "output-error",
  "tool-approval-request": "approval-requested",
  "tool-output-available": "output-available",
  "tool-output-error": "output-error",
  "tool-output-denied": "output-denied",
};
/** What everyone may know of a tool call. */
const TOOL_FIELDS = ["toolCallId", "toolName", "title", "input", "errorText", "approvalId"];
const SHOWN_AS_IT_IS = /^(source-url|source-document|file|data-.+)$/;

/** The parts of a reply that grows. */
export class ReplyParts {
  readonly list: ReplyPart[] = [];
  /** Where the parts stand that later chunks name. */
  readonly #places = new Map<string, number>();
  /** Where the parts of the current step begin. */
  #step = 0;
  readonly #shown: ReplyVisibility;

  constructor(shown: ReplyVisibility) {
    this.#shown = shown;
  }

  /** Adds text. Returns the place of the part that has changed. */
  addText(text: string): number {
    // After another part the text goes on in a new one.
    if (this.#places.get("text") !== this.list.length - 1) this.#places.delete("text");
    return this.#append("text", "text", text);
  }

  /** Adds a chunk. Returns the place of the part that has changed, -1 if parts were withdrawn, `undefined` if nothing shows. */
  addChunk(chunk: Chunk): number | undefined {
    const { type: given, id, delta } = chunk;
    const type = String(given);
    const [kind = "", step] = type.split("-");
    if (type === "start-step") this.#step = this.list.length;
    else if (type === "reset-step") return this.#withdraw();
    else if (kind === "text" || (kind === "reasoning" && this.#shown.reasoning)) {
      if (step === "start") this.#places.delete(`${kind} ${id}`);
      else if (step === "delta" && delta !== "") return this.#append(kind, `${kind} ${id}`, String(delta));
    } else if (TOOL_STATES[type] !== undefined) return this.#setTool(chunk, TOOL_STATES[type]);
    else if (SHOWN_AS_IT_IS.test(type) && !chunk["transient"]) {
      // A `text` is what grows.
      const { providerMetadata: _, text: __, ...part } = chunk;
      return this.#set(`${type} ${id ?? this.list.length}`, { ...toJsonFields(part), type });
    }
    return undefined;
  }

  #append(type: string, key: string, text: string): number {
    const at = this.#places.get(key);
    const before = this.list[at ?? -1]?.text ?? "";
    return this.#set(key, { type, text: before + text });
  }

  #setTool(chunk: Chunk, state: string): number {
    const key = `tool ${chunk["toolCallId"]}`;
    const fields = this.#shown.toolOutputs ? [...TOOL_FIELDS, "output"] : TOOL_FIELDS;
    const known = this.list[this.#places.get(key) ?? -1];
    return this.#set(key, { type: "dynamic-tool", ...known, ...toJsonFields(chunk, fields), state });
  }

  #set(key: string, part: ReplyPart): number {
    const at = this.#places.get(key) ?? this.list.length;
    this.#places.set(key, at);
    this.list[at] = part;
    return at;
  }

  #withdraw(): number {
    this.list.length = this.#step;
    for (const [key, at] of this.#places) if (at >= this.#step) this.#places.delete(key);
    return -1;
  }
}

/** The fields of an object of a model that are there, as JSON: a copy, which nobody changes. */
export function toJsonFields(object: Chunk, names = Object.keys(object)): Chunk {
  const given = names.filter((name) => object[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, toJson(object[name])]));
}

/** A value of a model as JSON. What JSON cannot carry, or is nested too deep, is kept as text: a reply never fails for it. */
export function toJson(value: unknown): unknown {
  let text = String(value);
  try {
    text = stringify(value);
    const copy: unknown = JSON.parse(text);
    checkDepth("", { parts: [{ value: copy }] });
    return copy;
  } catch {
    return text;
  }
}
