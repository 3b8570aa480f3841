import type { Random } from "../../test/protocol/random.js";

/** Where a streamed reply comes from. */
export type SourceKind = "words" | "bytes" | "model" | "withdrawing" | "breaking" | "steps" | "deaf";

/** What a message asks the handler to stream. */
export interface Errand {
  /**
   * - `words`: a generator of texts, cut anywhere, within surrogate pairs as well.
   * - `bytes`: a body of UTF-8 that comes by HTTP, cut at every fifth byte.
   * - `model`: a chat completion that comes by HTTP.
   * - `withdrawing`: chunks, the first of which are withdrawn.
   * - `breaking`: a generator that throws half-way.
   * - `steps`: several replies, each with a call of a tool in its midst, and an answer at the end.
   * - `deaf`: a source that goes on when it is left, and a handler that does not heed its signal.
   */
  source: SourceKind;
  /** How many words each reply has. */
  words: number;
  /** Milliseconds between two pieces. */
  gap: number;
  /** How many replies are streamed. */
  steps: number;
}

/** What rooms of the usual kinds are asked for, the more often the more often it stands here. */
const ANY: readonly SourceKind[] = [
  "words",
  "words",
  "bytes",
  "bytes",
  "model",
  "withdrawing",
  "breaking",
  "deaf",
  "steps",
];
/** Of so many replies one takes its time, so that it is saved while it grows. */
const SLOW = 10;
const SLOWNESS = 4;

/** Draws what a message asks for. */
export function drawErrand(random: Random, sources: readonly SourceKind[] = ANY): Errand {
  const source = random.pick(sources);
  const gap = (3 + random.below(40)) * (random.below(SLOW) === 0 ? SLOWNESS : 1);
  const isOfSteps = source === "steps";
  return { source, words: (isOfSteps ? 8 : 20) + random.below(40), gap, steps: isOfSteps ? 2 + random.below(3) : 1 };
}

/** What a message asks for by its metadata. */
export function readErrand(metadata: Record<string, unknown> = {}): Errand | undefined {
  return metadata["stream"] as Errand | undefined;
}

/** The texts of the reply of a step, one for each part: each word tells its attempt, its step and its place. */
export function textsOf({ source, words }: Errand, attempt: number, step: number): string[] {
  const half = Math.ceil(words / 2);
  if (source !== "steps") return [spell(attempt, step, 1, words)];
  return [spell(attempt, step, 1, half), spell(attempt, step, half + 1, words)];
}

/** The text that is withdrawn, or that there is when the source breaks: half of it, of step 0 if it is withdrawn. */
export function halfText({ words }: Errand, attempt: number, step: number): string {
  return spell(attempt, step, 1, Math.ceil(words / 2));
}

/** The attempts and steps of which a text has words, each as `attempt.step`. */
export function originsOf(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(/(?<![\d.])(\d+\.\d+)\.\d+(?=\D)/g), ([, origin = ""]) => origin));
}

/** Whether the tool of a step is called by `context.once`, after which it must never run twice. */
export function isCalledOnce(step: number): boolean {
  return step % 2 === 0;
}

/** Letters of one, two, three and four bytes, the last one a surrogate pair. */
const ENDINGS = ["e", "é", "漢", "😀"];

function spell(attempt: number, step: number, first: number, last: number): string {
  let text = "";
  for (let place = first; place <= last; place++) text += `${attempt}.${step}.${place}${ENDINGS[place % 4]} `;
  return text;
}

/** Cuts a text or bytes into pieces of a length. */
export function cut<Whole extends string | Uint8Array>(whole: Whole, length: number): Whole[] {
  const count = Math.ceil(whole.length / length);
  return Array.from({ length: count }, (_, place) => whole.slice(place * length, (place + 1) * length) as Whole);
}
