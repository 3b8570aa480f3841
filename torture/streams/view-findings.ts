import type { Finding } from "../findings.js";
import type { RoomRecord, Witness } from "../records.js";
import { type Errand, halfText, originsOf, textsOf } from "./errand.js";
import { digestOf, type Part, type ViewEvent } from "./view.js";

/** A reply as one connection has put it together from its frames. */
interface Growing {
  of: string;
  attempt: number;
  n: number;
  parts: Part[];
}

/** What is wrong with what viewers were shown of replies while they grew. */
export function viewFindings(room: RoomRecord): Finding[] {
  const states = new Map<string, string>();
  return room.witnesses.flatMap((witness) => new Viewer(room, witness, states).findings());
}

/** Puts together what one viewer was sent, as PROTOCOL.md says, and compares it with what there was to be shown. */
class Viewer {
  readonly #who: string;
  readonly #room: RoomRecord;
  readonly #witness: Witness;
  /** What each reply was at each number of a frame, by all viewers. */
  readonly #states: Map<string, string>;
  readonly #growing = new Map<string, Growing>();
  /** Replies that have ended on this connection, and messages and replies that were cancelled. */
  readonly #ended = new Set<string>();
  /** Whether an envelope may be missing on this connection. */
  #hasLost = false;
  readonly #findings: Finding[] = [];

  constructor(room: RoomRecord, witness: Witness, states: Map<string, string>) {
    this.#who = `${room.path}: ${witness.client}`;
    this.#room = room;
    this.#witness = witness;
    this.#states = states;
  }

  findings(): Finding[] {
    const { views, growing, asksForDeltas } = this.#witness;
    for (const event of views) this.#apply(event);
    for (const id of growing) this.#find("endlessStreams", `still shows ${id} as a reply that grows`);
    if (!asksForDeltas && views.some(({ kind }) => kind === "stream" || kind === "delta")) {
      this.#find("misshown", "was sent frames of streams for which it did not ask");
    }
    return this.#findings;
  }

  #apply(event: ViewEvent): void {
    switch (event.kind) {
      case "connected":
        this.#growing.clear();
        this.#ended.clear();
        this.#hasLost = false;
        return;
      case "lost":
        this.#hasLost = true;
        return;
      case "stream":
        return this.#begin(event);
      case "delta":
        return this.#grow(event);
      case "shown":
        return this.#compareShown(event);
      case "cancelled":
        return event.result === "done" ? this.#cancelled(event.id) : undefined;
      case "ended":
        return this.#finish(event);
    }
  }

  #begin({ id, of, attempt, n, parts }: Extract<ViewEvent, { kind: "stream" }>): void {
    const before = this.#growing.get(id);
    this.#requireOpen(id, of);
    const mayBeAnew = this.#errand(of)?.source === "withdrawing";
    if (before !== undefined && before.attempt === attempt && !mayBeAnew) {
      this.#find("repeatedDeltas", `was sent all of ${id} again, at ${n} after ${before.n}`);
    }
    if (before !== undefined && (before.attempt > attempt || (before.attempt === attempt && before.n >= n))) {
      this.#find("repeatedDeltas", `was sent ${id} ${attempt}/${n} after ${before.attempt}/${before.n}`);
    }
    this.#set(id, { of, attempt, n, parts: [...parts] });
  }

  #grow({ id, n, at, text, part }: Extract<ViewEvent, { kind: "delta" }>): void {
    const reply = this.#growing.get(id);
    this.#requireOpen(id, reply?.of);
    if (reply === undefined) return this.#find("skippedDeltas", `was sent ${id} ${n} without its beginning`);
    if (n <= reply.n) return this.#find("repeatedDeltas", `was sent ${id} ${n} after ${reply.n}`);
    if (n > reply.n + 1) return this.#find("skippedDeltas", `was sent ${id} ${n} after ${reply.n}`);
    const known = reply.parts[at];
    const next = part ?? (known && { ...known, text: `${known.text ?? ""}${text}` });
    if (next === undefined || at > reply.parts.length) {
      return this.#find("misshown", `was sent a delta of ${id} at ${at}, which has ${reply.parts.length} parts`);
    }
    const parts = [...reply.parts];
    parts[at] = next;
    this.#set(id, { ...reply, n, parts });
  }

  /** A state must be the text of one attempt up to some place, and the same for all viewers. */
  #set(id: string, reply: Growing): void {
    this.#growing.set(id, reply);
    const { of, attempt, n } = reply;
    const text = toText(reply.parts);
    const state = digestOf(JSON.stringify(reply.parts));
    const name = `${id} ${attempt}/${n}`;
    const others = this.#states.get(name) ?? state;
    if (!mayBeSaved(reply)) this.#states.set(name, state);
    if (others !== state) this.#find("misshown", `was sent another ${name} than others`);
    const errand = this.#errand(of);
    // What was saved may be of any earlier attempt.
    const attempts = mayBeSaved(reply) ? Array.from({ length: attempt }, (_, place) => attempt - place) : [attempt];
    if (errand === undefined || isPrefix(text, errand, attempts)) return;
    const found = originsOf(text);
    if (found.size > 1) this.#find("gluedText", `was shown ${name} as text of ${[...found].join(" and ")}`);
    else this.#find("misshown", `was shown ${name} as "${text.slice(-60)}"`);
  }

  #compareShown({ id, digest }: Extract<ViewEvent, { kind: "shown" }>): void {
    const reply = this.#growing.get(id);
    if (reply !== undefined && digest === digestOf(toText(reply.parts))) return;
    this.#find("misshown", `shows another text of ${id} than it was sent${reply ? ` at ${reply.n}` : ""}`);
  }

  /** The envelope has all that was shown before. */
  #finish({ id, text }: Extract<ViewEvent, { kind: "ended" }>): void {
    const reply = this.#growing.get(id);
    const isReplaced = this.#errand(reply?.of)?.source === "withdrawing" || (reply !== undefined && mayBeSaved(reply));
    if (reply !== undefined && !isReplaced && !text.startsWith(toText(reply.parts))) {
      this.#find("misshown", `was shown more of ${id}, or something else, than its envelope has`);
    }
    this.#end(id);
  }

  /** What was shown of a turn that is cancelled has its envelope before the answer. */
  #cancelled(id: string): void {
    if (this.#hasLost) return;
    for (const [reply, { of }] of this.#growing) {
      if (reply === id || of === id)
        this.#find("endlessStreams", `was told that ${id} is cancelled, but not what became of ${reply}`);
    }
    this.#end(id);
  }

  #end(id: string): void {
    this.#growing.delete(id);
    this.#ended.add(id);
  }

  #requireOpen(id: string, of = ""): void {
    if (this.#ended.has(id) || this.#ended.has(of)) this.#find("spokeAfterEnd", `was sent more of ${id} after its end`);
  }

  #errand(of = ""): Errand | undefined {
    return this.#room.streams?.errands.get(of);
  }

  #find(name: Finding[0], text: string): void {
    this.#findings.push([name, `${this.#who} ${text}`]);
  }
}

/** Whether this is the first frame of a reply, or what was saved of it, which is shown until it is generated again. */
function mayBeSaved({ n }: Growing): boolean {
  return n === 1;
}

/** The text of parts, as that of an envelope is put together. */
function toText(parts: readonly Part[]): string {
  return parts.flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : [])).join("\n\n");
}

/** Whether a text is the beginning of what any of these attempts may show, and does not end within a character. */
export function isPrefix(text: string, errand: Errand, attempts: Iterable<number>): boolean {
  if (!text.isWellFormed()) return false;
  for (const attempt of attempts) {
    if (wholeTexts(errand, attempt).some((whole) => whole.startsWith(text))) return true;
  }
  return false;
}

/** What the replies to a message may say, all of it, in an attempt. */
function wholeTexts(errand: Errand, attempt: number): readonly string[] {
  const known = WHOLE_TEXTS.get(errand) ?? new Map<number, string[]>();
  WHOLE_TEXTS.set(errand, known);
  let texts = known.get(attempt);
  if (texts === undefined) {
    texts = Array.from({ length: errand.steps }, (_, place) => textsOf(errand, attempt, place + 1).join("\n\n"));
    if (errand.source === "withdrawing") texts.push(halfText(errand, attempt, 0));
    known.set(attempt, texts);
  }
  return texts;
}

/** They are compared with each frame, and are made once. */
const WHOLE_TEXTS = new WeakMap<Errand, Map<number, string[]>>();
