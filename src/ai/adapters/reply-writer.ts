import type { ReplyUsage } from "../../protocol/chunk.js";
import type { Citation, ModelChunk, ModelFinishChunk, ProviderMetadata } from "./model-chunk.js";

/** A part that has started: which one it is to the provider, and its id in the chunks. */
interface OpenPart {
  kind: "text" | "reasoning";
  key: unknown;
  id: string;
  length: number;
  citations: Citation[];
}

interface OpenCall {
  toolCallId: string;
  toolName: string;
  providerExecuted?: boolean;
}

/** What a text cites, and where. */
export interface CitedSource {
  url?: string | undefined;
  title?: string | null | undefined;
  startIndex?: number | undefined;
  endIndex?: number | undefined;
  citedText?: string | undefined;
  providerMetadata: ProviderMetadata;
}

/** What is known about a call when it starts. */
export interface CallStart {
  /** Default: an id that is unique in the reply. */
  id: string | undefined;
  name: string;
  /** Whether the provider runs the tool by itself. Default: `false`. */
  providerExecuted?: boolean | undefined;
  /** Whether the input is text instead of JSON. Default: `false`. */
  isText?: boolean | undefined;
}

/** What providers call the reasons of the AI SDK. */
const FINISH_REASONS = new Map<string, ModelFinishChunk["finishReason"]>([
  ["end_turn", "stop"],
  ["stop", "stop"],
  ["stop_sequence", "stop"],
  ["length", "length"],
  ["max_output_tokens", "length"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool-calls", "tool-calls"],
  ["tool_calls", "tool-calls"],
  ["tool_use", "tool-calls"],
  ["content-filter", "content-filter"],
  ["content_filter", "content-filter"],
  ["refusal", "content-filter"],
]);

/** Writes the chunks of one reply: what a provider sends becomes parts that start, grow and end. */
export class ReplyWriter {
  /** The provider's word for why the reply ended. A reply without it is incomplete. */
  finish: string | undefined;
  usage: ReplyUsage | undefined;
  model: string | undefined;
  /** Whether the model refused to answer. */
  isRefused = false;

  #chunks: ModelChunk[] = [];
  #part: OpenPart | undefined;
  readonly #calls = new Map<unknown, { call: OpenCall; input: string; isText: boolean }>();
  /** Calls without a result, by their ids. */
  readonly #unanswered = new Map<string, OpenCall>();
  #lastId = 0;
  #isInStep = false;

  /** What was written since the last time. */
  take(): ModelChunk[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  write(chunk: ModelChunk): void {
    this.#chunks.push(chunk);
  }

  /** Begins the reply, unless it has begun. */
  start(model: string | undefined): void {
    this.model ??= model;
    if (this.#isInStep) return;
    this.#isInStep = true;
    this.write({ type: "start-step" });
  }

  /** Opens the part `key`, unless it is the open one. */
  openPart(kind: OpenPart["kind"], key?: unknown, providerMetadata?: ProviderMetadata): OpenPart {
    if (this.#part?.kind === kind && this.#part.key === key) return this.#part;
    this.closePart();
    this.#part = { kind, key, id: `${++this.#lastId}`, length: 0, citations: [] };
    this.write({ type: `${kind}-start`, id: this.#part.id, ...(providerMetadata && { providerMetadata }) });
    return this.#part;
  }

  /** Appends to the part `key`, and opens it before if necessary. What is no text, or empty, is left out. */
  append(kind: OpenPart["kind"], delta: unknown, key?: unknown, providerMetadata?: ProviderMetadata): void {
    if (typeof delta !== "string" || delta === "") return;
    const part = this.openPart(kind, key, providerMetadata);
    part.length += delta.length;
    this.write({ type: `${kind}-delta`, id: part.id, delta });
  }

  /** How much text the open part has. */
  get textLength(): number {
    return this.#part?.kind === "text" ? this.#part.length : 0;
  }

  /** Adds a citation to the open part: of a page if the source has a `url`, else of a document. */
  cite({ url, title, startIndex, endIndex, citedText, providerMetadata }: CitedSource): void {
    const id = `source-${++this.#lastId}`;
    const more = { ...(title && { title: String(title) }), providerMetadata };
    this.#part?.citations.push({
      source: url
        ? { type: "source", sourceType: "url", id, url: String(url), ...more }
        : { type: "source", sourceType: "document", id, mediaType: "text/plain", title: "", ...more },
      ...(isIndex(startIndex) && { startIndex }),
      ...(isIndex(endIndex) && { endIndex }),
      ...(citedText && { citedText: String(citedText) }),
    });
  }

  /** Ends the open part, if there is one. */
  closePart(providerMetadata?: ProviderMetadata): void {
    if (this.#part === undefined) return;
    const { kind, id, citations } = this.#part;
    this.#part = undefined;
    this.write({
      type: `${kind}-end`,
      id,
      ...(citations.length > 0 && { citations }),
      ...(providerMetadata && { providerMetadata }),
    });
  }

  /** Ends the reasoning, with what the provider needs back. It becomes a part also if nothing of it was shown. */
  closeReasoning(providerMetadata: ProviderMetadata): void {
    if (this.#part?.kind !== "reasoning") this.openPart("reasoning");
    this.closePart(providerMetadata);
  }

  startCall(key: unknown, { id, name, providerExecuted, isText = false }: CallStart): void {
    this.closePart();
    const toolCallId = String(id || `call-${crypto.randomUUID()}`);
    const call = { toolCallId, toolName: String(name), ...(providerExecuted && { providerExecuted }) };
    this.#calls.set(key, { call, input: "", isText });
    this.#unanswered.set(toolCallId, call);
    this.write({ type: "tool-input-start", ...call, ...(isText && { inputEncoding: "text" }) });
  }

  /** The id of an open call. */
  callId(key: unknown): string | undefined {
    return this.#calls.get(key)?.call.toolCallId;
  }

  appendInput(key: unknown, delta: unknown): void {
    const open = this.#calls.get(key);
    if (open === undefined || typeof delta !== "string" || delta === "") return;
    open.input += delta;
    this.write({ type: "tool-input-delta", toolCallId: open.call.toolCallId, inputTextDelta: delta });
  }

  /** Ends the input of an open call. `whole` is all of it, if the provider repeats it. */
  closeCall(key: unknown, whole?: unknown, providerMetadata?: ProviderMetadata): void {
    const open = this.#calls.get(key);
    if (open === undefined) return;
    this.#calls.delete(key);
    const input = whole ?? open.input;
    const call = { ...open.call, ...(providerMetadata && { providerMetadata }) };
    try {
      const read = open.isText || typeof input !== "string" ? input : JSON.parse(input || "{}");
      this.write({ type: "tool-input-available", ...call, input: read });
    } catch {
      this.write({ type: "tool-input-error", ...call, input, errorText: "The input of this call is not JSON." });
    }
  }

  /** Writes the result of a call, or why there is none: without an id, of the oldest call that has none. */
  answerCall(id: string | undefined, result: { output: unknown } | { errorText: string }): void {
    const [toolCallId = ""] = id === undefined ? this.#unanswered.keys() : [String(id)];
    const { providerExecuted } = this.#unanswered.get(toolCallId) ?? {};
    if (!this.#unanswered.delete(toolCallId)) return;
    const call = { toolCallId, ...(providerExecuted && { providerExecuted }) };
    if ("output" in result) this.write({ type: "tool-output-available", ...call, ...result });
    else this.write({ type: "tool-output-error", ...call, ...result });
  }

  finishStep(): void {
    this.closePart();
    for (const key of this.#calls.keys()) this.closeCall(key);
    if (this.#isInStep) this.write({ type: "finish-step" });
    this.#isInStep = false;
  }

  /** Withdraws what the step has shown. */
  resetStep(): void {
    this.closePart();
    this.#calls.clear();
    this.#unanswered.clear();
    this.write({ type: "reset-step" });
  }

  /** Ends what is open, and the reply. */
  end(): void {
    this.finishStep();
    const { finish = "stop", usage, model } = this;
    let finishReason = FINISH_REASONS.get(finish) ?? "other";
    if (finishReason === "stop" && this.#hasCallToAnswer()) finishReason = "tool-calls";
    else if (finishReason === "stop" && this.isRefused) finishReason = "content-filter";
    const messageMetadata = {
      ...(usage && { usage }),
      ...(model && { model }),
      ...(finishReason === "other" && { rawFinishReason: finish }),
    };
    this.write({ type: "finish", finishReason, messageMetadata });
  }

  /** Whether there is a call that the application has to answer. */
  #hasCallToAnswer(): boolean {
    return [...this.#unanswered.values()].some(({ providerExecuted }) => !providerExecuted);
  }
}

/** Providers send any number; the AI SDK takes these. */
function isIndex(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
