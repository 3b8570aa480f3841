import type { ReplyPart } from "../../protocol/chunk.js";
import { stringify } from "../../protocol/codec.js";
import { checkDepth } from "../receive/depth.js";
import type { AnsweredCall } from "../turn/continuation.js";
import type { PrivatePart } from "./private-parts.js";

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
/** What everyone may know of a tool call, and what the model's provider alone. */
const TOOL_FIELDS = ["toolCallId", "toolName", "title", "input", "errorText", "approvalId"];
const PRIVATE_TOOL_FIELDS = ["providerExecuted"];
const SPEECH = /^(text|reasoning)-(start|delta|end)$/;
const PRIVATE_SPEECH_FIELDS = ["providerMetadata", "citations"];
const SHOWN_AS_IT_IS = /^(source-url|source-document|file|data-.+)$/;
/** Parts that are the provider's alone. */
const PRIVATE_AS_IT_IS = /^(custom|reasoning-file)$/;
const PRIVATE_FIELDS = ["type", "kind", "url", "mediaType", "providerMetadata"];
const STEP_START = "step-start";

/** A part, as far as nobody is shown it. */
interface Hidden {
  /** Its place among the parts that are shown; `undefined` for one of which nothing is. */
  at: number | undefined;
  /** Its fields that are not shown. */
  fields: Chunk;
}

/** The parts of a reply that grows. */
export class ReplyParts {
  /** Those that are shown, without what is private. */
  readonly list: ReplyPart[] = [];
  /** All of them, with what is private. */
  readonly #all: Hidden[] = [];
  /** Where in `#all` the parts stand that later chunks name. */
  readonly #places = new Map<string, number>();
  /** What is known of parts that have no text yet. */
  readonly #opened = new Map<string, Chunk>();
  /** How many parts there were when the current step began: shown, and in all. */
  #step = [0, 0];
  readonly #visible: ReplyVisibility;
  readonly #calls: readonly AnsweredCall[];

  /** @param calls that an earlier envelope of the reply has made: their results may come now */
  constructor(visible: ReplyVisibility, calls: readonly AnsweredCall[] = []) {
    this.#visible = visible;
    this.#calls = calls;
  }

  /** How many there are, shown or not. */
  get size(): number {
    return this.#all.length;
  }

  /** Adds text. Returns the place of the part that has changed. */
  addText(text: string): number | undefined {
    // After another part that is shown the text goes on in a new one.
    if (this.#known("text")?.at !== this.list.length - 1) this.#places.delete("text");
    return this.#append("text", "text", text);
  }

  /** Adds a chunk. Returns the place of the part that has changed, -1 if parts were withdrawn, `undefined` if nothing shows. */
  addChunk(chunk: Chunk): number | undefined {
    const type = String(chunk["type"]);
    const [, kind, step] = SPEECH.exec(type) ?? [];
    if (type === "start-step") return this.#beginStep();
    if (type === "reset-step") return this.#withdraw();
    if (kind !== undefined) return this.#addSpeech(kind, step, chunk);
    if (TOOL_STATES[type] !== undefined) return this.#setTool(chunk, TOOL_STATES[type]);
    if (PRIVATE_AS_IT_IS.test(type))
      return this.#set(`${type} ${this.size}`, undefined, toJsonFields(chunk, PRIVATE_FIELDS));
    if (!SHOWN_AS_IT_IS.test(type) || chunk["transient"]) return undefined;
    // A `text` is what grows.
    const { providerMetadata, text: _, ...part } = chunk;
    const key = `${type} ${chunk["id"] ?? this.list.length}`;
    return this.#set(key, { ...toJsonFields(part), type }, toJsonFields({ providerMetadata }));
  }

  /**
   * All parts as the log keeps them privately: texts by their range in the content, and of parts that are shown their place and what is not
   * shown. `undefined` if nothing is private.
   *
   * @param kept the parts that are shown, as the envelope has them
   */
  toPrivate(kept: readonly ReplyPart[]): PrivatePart[] | undefined {
    const isPrivate = ({ at, fields }: Hidden) =>
      at === undefined ? fields["type"] !== STEP_START : Object.keys(fields).length > 0;
    if (!this.#all.some(isPrivate)) return undefined;
    return this.#all.map(({ at, fields }) => {
      if (at === undefined) return fields;
      return kept[at]?.type === "text" ? { ...kept[at], ...fields } : { at, ...fields };
    });
  }

  #addSpeech(kind: string, step: string | undefined, { id, delta, ...chunk }: Chunk): number | undefined {
    const key = `${kind} ${id}`;
    if (step === "start") this.#places.delete(key);
    const fields = { ...this.#opened.get(key), ...toJsonFields(chunk, PRIVATE_SPEECH_FIELDS) };
    this.#opened.delete(key);
    if (step === "delta" && delta !== "") return this.#append(kind, key, String(delta), fields);
    const known = this.#known(key);
    if (known !== undefined) Object.assign(known.fields, fields);
    // What the provider needs back of reasoning may be without a text.
    else if (step === "end" && kind === "reasoning" && Object.keys(fields).length > 0) {
      this.#set(key, undefined, { type: kind, text: "", ...fields });
    } else this.#opened.set(key, fields);
    return undefined;
  }

  #append(type: string, key: string, text: string, fields?: Chunk): number | undefined {
    const known = this.#known(key);
    const isShown = type === "text" || this.#visible.reasoning;
    const before = (isShown ? this.list[known?.at ?? -1] : known?.fields)?.["text"] ?? "";
    const part = { type, text: `${before}${text}` };
    const hidden = { ...known?.fields, ...fields };
    return isShown ? this.#set(key, part, hidden) : this.#set(key, undefined, { ...hidden, ...part });
  }

  #setTool(chunk: Chunk, state: string): number | undefined {
    const key = `tool ${chunk["toolCallId"]}`;
    const known = this.#known(key);
    const [shown, hidden] = this.#visible.toolOutputs
      ? [[...TOOL_FIELDS, "output"], PRIVATE_TOOL_FIELDS]
      : [TOOL_FIELDS, [...PRIVATE_TOOL_FIELDS, "output"]];
    const part = this.list[known?.at ?? -1] ?? this.#answered(chunk["toolCallId"]);
    const metadata = state.startsWith("output-") ? "resultProviderMetadata" : "callProviderMetadata";
    return this.#set(
      key,
      { type: "dynamic-tool", ...part, ...toJsonFields(chunk, shown), state },
      { ...known?.fields, ...toJsonFields({ ...chunk, [metadata]: chunk["providerMetadata"] }, [...hidden, metadata]) },
    );
  }

  #answered(id: unknown): Chunk {
    const call = this.#calls.find(({ toolCallId }) => toolCallId === id);
    return call ? toJsonFields({ ...call }, ["toolName", "input"]) : {};
  }

  #known(key: string): Hidden | undefined {
    return this.#all[this.#places.get(key) ?? -1];
  }

  /** @param shown what is shown of it, if anything is */
  #set(key: string, shown: ReplyPart | undefined, fields: Chunk): number | undefined {
    const place = this.#places.get(key) ?? this.size;
    const at = shown && (this.#all[place]?.at ?? this.list.length);
    this.#places.set(key, place);
    this.#all[place] = { at, fields };
    if (shown !== undefined && at !== undefined) this.list[at] = shown;
    return at;
  }

  #beginStep(): undefined {
    const last = this.#all.at(-1);
    if (last !== undefined && last.fields["type"] !== STEP_START) {
      this.#all.push({ at: undefined, fields: { type: STEP_START } });
    }
    this.#step = [this.list.length, this.size];
  }

  #withdraw(): number {
    const [shown = 0, all = 0] = this.#step;
    this.list.length = shown;
    this.#all.length = all;
    this.#opened.clear();
    for (const [key, place] of this.#places) if (place >= all) this.#places.delete(key);
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
