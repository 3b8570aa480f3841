import type { ReplyPart } from "../../protocol/chunk.js";
import { byteLength } from "../../protocol/codec.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import { copyOf } from "../copy.js";
import type { PartialReply } from "./source.js";

/** Bytes of an envelope and of its private parts that a row of a table holds: the platform allows 2 MB. */
const MAX_ROW_SIZE = 1_990_000;

/**
 * The private parts of a reply, as JSON, at the envelope that has them until they are in the log. A symbol, so that no frame, no JSON and
 * no copy that leaves the object has them.
 */
const PRIVATE = Symbol("private parts");

/** Something that may have private parts: a draft or an envelope. */
interface Private {
  [PRIVATE]?: string;
}

/** A part as it is kept privately. docs/decisions/0029-private-parts.md */
export type PrivatePart = Record<string, unknown>;

/** Gives an envelope, or its draft, the private parts of a reply. */
export function setPrivate<Target extends object>(target: Target & Private, parts: unknown): Target {
  if (typeof parts === "string") target[PRIVATE] = parts;
  return target;
}

/** The private parts of an envelope or a draft. */
export function privateOf(source: object): string | undefined {
  return (source as Private)[PRIVATE];
}

/** The private parts of an envelope, if a row holds both. */
export function fittingPrivate(source: object, body: string): string | null {
  const parts = privateOf(source) ?? null;
  return parts !== null && byteLength(body) + byteLength(parts) > MAX_ROW_SIZE ? null : parts;
}

/** What was saved of a reply, for the application: a copy. */
export function toPartial(draft: ChatMessage): PartialReply {
  const parts = joinParts(draft, privateOf(draft));
  return { ...copyOf(draft), ...(parts && { parts }) };
}

/**
 * All parts of a reply, private ones included, of what the log keeps of it. `undefined` if it has none that is private, or if they cannot be
 * read (P19).
 */
export function joinParts(
  { content, metadata }: ChatMessage,
  stored: string | null | undefined,
): ReplyPart[] | undefined {
  if (typeof stored !== "string") return undefined;
  const shown = metadata?.["parts"];
  try {
    return (JSON.parse(stored) as PrivatePart[]).flatMap(({ at, start, end, ...part }) => {
      if (start !== undefined) part["text"] = content.slice(Number(start), Number(end));
      const whole: PrivatePart = { ...(Array.isArray(shown) && shown[Number(at)]), ...part };
      return typeof whole["type"] === "string" ? [whole as ReplyPart & PrivatePart] : [];
    });
  } catch {
    return undefined;
  }
}
