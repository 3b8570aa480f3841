import type { FinishReason, ReplyPart } from "../../protocol/chunk.js";
import { byteLength, stringify } from "../../protocol/codec.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import { type ChatError, textOf } from "../../protocol/errors.js";
import type { Account } from "../access/account.js";
import type { Connection } from "../connection/connection.js";
import type { TurnKey } from "../dialects/dialect.js";
import type { Draft } from "../turn/context.js";
import type { Continuation } from "../turn/continuation.js";
import { setPrivate } from "./private-parts.js";
import { ReplyParts, type ReplyVisibility, toJson, toJsonFields } from "./reply-parts.js";
import { SaveSchedule } from "./save-schedule.js";
import { leave, type PieceReader } from "./source.js";

const ENDS_TOOL = /^tool-(input-error|approval-request|output-(available|error|denied))$/;
/** A short text of as many bytes as characters: of a model's token most time would go into the call of the encoder. */
const SHORT_ASCII = /^[ -~]{0,64}$/;
const FINISH_REASONS: readonly unknown[] = ["stop", "length", "content-filter", "tool-calls", "error"];

/** What a stream needs of the turn that it belongs to. */
export interface StreamingTurn {
  readonly message: ChatMessage;
  readonly seq: number | undefined;
  readonly key: TurnKey;
  readonly attempt: number;
  readonly account: Account | undefined;
  readonly over: boolean;
  /** What the metadata of its replies says of them. */
  readonly replyMetadata: Record<string, unknown>;
  /** The reply that goes on with it. */
  readonly continued: Continuation | undefined;
  /** When the last piece of a reply came, in milliseconds. */
  aliveAt: number;
  streams: readonly ReplyStream[];
  /** What was saved of replies of an earlier attempt, and is not replaced yet, by id. */
  readonly saved: Map<string, SavedDraft>;
}

/** What was saved of a reply, and where. */
export interface SavedDraft {
  slot: number;
  draft: ChatMessage;
}

/** A reply that is being generated: its state, and the frames that tell it. */
export class ReplyStream {
  /** Counts its frames; 0 until something was shown. */
  n = 0;
  /** Bytes of its pieces. */
  bytes = 0;
  /** Why it has ended, and what went wrong; `undefined` while it goes on. */
  finish: FinishReason | undefined;
  error: ChatError | undefined;
  reader: PieceReader | undefined;
  /** Where it is saved, once it is. */
  slot: number | undefined;
  /** The calls of tools whose input is here and whose output is not. */
  readonly runningTools = new Set<unknown>();
  readonly schedule = new SaveSchedule(Date.now());
  /** The number of the last frame that each viewer was sent. */
  readonly sent = new WeakMap<Connection, number>();
  readonly parts: ReplyParts;
  /** The parts that have changed since the last frame, and how much of the text of each was sent. */
  readonly #changed = new Set<number>();
  #sentText: number[] = [];
  #isWithdrawn = true;
  #finish: FinishReason = "stop";
  readonly #metadata: Record<string, unknown> = {};
  /** The newest frames, the last of them number `n`. */
  readonly #kept: string[] = [];
  #keptCharacters = 0;
  /** The frame that tells all up to number `n`, once it was asked for. */
  #snapshot = "";
  readonly #decoder = new TextDecoder();

  constructor(
    readonly id: string,
    readonly turn: StreamingTurn,
    shown: ReplyVisibility,
  ) {
    this.parts = new ReplyParts(shown, turn.continued?.calls);
  }

  /** Ends it, unless it has ended. By default for the reason that its source gave. */
  end(finish = this.#finish, error?: ChatError): void {
    if (this.finish === undefined) this.finish = finish;
    if (this.finish === "error") this.error ??= error;
    if (this.reader !== undefined) leave(this.reader);
    this.reader = undefined;
  }

  /** A piece of its source, where bytes are text. */
  read(piece: unknown): unknown {
    return piece instanceof Uint8Array ? this.#decoder.decode(piece, { stream: true }) : piece;
  }

  /** Adds a piece that was read. @throws Error if the source reports one */
  add(piece: unknown, size: number): void {
    this.bytes += size;
    if (typeof piece === "string") this.#addText(piece);
    else this.#addChunk(Object(piece));
  }

  /** Whether something is to be told. */
  get hasNews(): boolean {
    return this.#changed.size > 0;
  }

  /**
   * Makes the frames that tell what has changed. The first one, and one after parts were withdrawn, tells all.
   *
   * @param maxKept characters of its frames that are kept for viewers which are behind
   */
  encodeNews(maxKept: number): void {
    if (this.hasNews) {
      this.#snapshot = "";
      if (this.#isWithdrawn) this.#encodeAll();
      else for (const at of this.#changed) this.#keep(this.#encodeDelta(at));
      this.#changed.clear();
    }
    while (this.#keptCharacters > maxKept && this.#kept.length > 1) {
      this.#keptCharacters -= this.#kept.shift()?.length ?? 0;
    }
  }

  /** The frame number `n`, if it is kept. */
  frame(n: number): string | undefined {
    return this.#kept[this.#kept.length - 1 - this.n + n];
  }

  /** Its parts up to frame number `n`. */
  get shown(): ReplyPart[] {
    return this.parts.list.map((part, at) => cut(part, this.#sentText[at]));
  }

  /** A frame that tells all up to number `n`, encoded once for all who are sent it. */
  snapshot(): string {
    this.#snapshot ||= encodeStream(this.turn, this.turn.attempt, this.id, this.n, this.shown);
    return this.#snapshot;
  }

  /** How many characters a snapshot may have, without encoding it. */
  get size(): number {
    return this.bytes;
  }

  /** The envelope that it becomes, with its private parts. */
  toDraft(): Draft {
    const { error, finish } = this;
    // Of a character that was cut off nothing is kept.
    if (finish === "stop") this.#addText(this.#decoder.decode());
    const texts: string[] = [];
    let end = 0;
    const parts = this.parts.list.map((part) => {
      if (part.type !== "text") return part;
      const { text = "" } = cut(part, wholeLength(part.text ?? ""));
      const start = end === 0 ? 0 : end + 2;
      end = start + text.length;
      texts.push(text);
      return { type: "text", start, end };
    });
    const isText = parts.length === texts.length;
    const metadata = {
      ...this.turn.replyMetadata,
      ...this.#metadata,
      finish,
      ...(error && { error: { code: error.code, text: textOf(error) } }),
      ...(!isText && { parts }),
    };
    const hidden = this.parts.toPrivate(parts);
    return setPrivate({ id: this.id, content: texts.join("\n\n"), metadata }, hidden && stringify(hidden));
  }

  #addText(text: string): void {
    if (text !== "") this.#change(this.parts.addText(text));
  }

  /** @param at the place of the part that has changed, -1 if parts were withdrawn, `undefined` if nothing shows */
  #change(at: number | undefined): void {
    if (at === undefined) return;
    if (at < 0) this.#isWithdrawn = true;
    this.#changed.add(at);
  }

  #addChunk(chunk: Record<string, unknown>): void {
    const { type, messageMetadata, finishReason, errorText, toolCallId, preliminary } = chunk;
    if (type === "error") throw new Error(String(errorText));
    if (type === "tool-input-available") this.runningTools.add(toolCallId);
    else if (ENDS_TOOL.test(String(type)) && preliminary !== true) this.runningTools.delete(toolCallId);
    // An envelope with an author would not be the end of a stream.
    const { from: _, ...metadata } = toJsonFields(Object(messageMetadata));
    Object.assign(this.#metadata, metadata);
    if (type === "abort") this.#finish = "interrupted";
    if (type === "finish" && finishReason !== undefined) {
      this.#finish = FINISH_REASONS.includes(finishReason) ? (finishReason as FinishReason) : "other";
    }
    this.#change(this.parts.addChunk(chunk));
  }

  #encodeAll(): void {
    this.#isWithdrawn = false;
    this.#sentText = this.parts.list.map(({ text = "" }) => wholeLength(text));
    this.#kept.length = this.#keptCharacters = 0;
    this.n++;
    this.#keep(this.snapshot());
  }

  #encodeDelta(at: number): string {
    const part = this.parts.list[at];
    const text = part?.text;
    const from = this.#sentText[at];
    const to = wholeLength(text ?? "");
    this.#sentText[at] = to;
    const change =
      text !== undefined && from !== undefined ? { text: text.slice(from, to) } : { part: part && cut(part, to) };
    return stringify({ type: "delta", id: this.id, n: ++this.n, at, ...change });
  }

  #keep(frame: string): void {
    this.#kept.push(frame);
    this.#keptCharacters += frame.length;
  }
}

/** A `stream` frame: the state of a reply. */
export function encodeStream(
  { message, seq, replyMetadata }: StreamingTurn,
  attempt: number,
  id: string,
  n: number,
  parts: readonly ReplyPart[],
): string {
  const { inReplyTo: _, ...more } = replyMetadata;
  return stringify({ type: "stream", id, ref: { id: message.id, seq, ...more }, attempt, n, parts });
}

/** Bytes of a piece as JSON; of text that grows, and nothing beside it, its own. */
export function sizeOf(piece: unknown): number {
  const { type, delta, providerMetadata } = Object(piece);
  const isText = /^(text|reasoning)-delta$/.test(type) && typeof delta === "string" && providerMetadata === undefined;
  const counted = isText && delta !== "" ? delta : piece;
  const encoded = stringify(typeof counted === "string" ? counted : toJson(counted));
  return SHORT_ASCII.test(encoded) ? encoded.length : byteLength(encoded);
}

/** The length of a text without the first half of a surrogate pair, whose second half is still to come. */
function wholeLength(text: string): number {
  return /[\ud800-\udbff]/.test(text.slice(-1)) ? text.length - 1 : text.length;
}

function cut(part: ReplyPart, length: number | undefined): ReplyPart {
  return part.text === undefined ? part : { ...part, text: part.text.slice(0, length) };
}
