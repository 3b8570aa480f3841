import type { ChatMessage } from "../../protocol/envelope.js";

const OF_SERVER = ["from", "failed"];

type Fields = Readonly<Record<string, unknown>>;

/** Whether two envelopes have the same type, content and metadata of their author: a retry, and not a conflict of ids (P2). */
export function sameBody(stored: ChatMessage, again: ChatMessage): boolean {
  const [one, other] = [stored.metadata ?? {}, again.metadata ?? {}];
  const isSame = stored.type === again.type && stored.content === again.content;
  return isSame && sameFields(one, other, authored(one), authored(other));
}

/** The names of what is stored and not the server's. */
function authored(metadata: Fields): string[] {
  return Object.keys(metadata).filter((name) => !OF_SERVER.includes(name) && metadata[name] !== undefined);
}

/** In any order: JSON libraries may order the keys of an object as they like. */
function sameFields(one: Fields, other: Fields, names = Object.keys(one), others = Object.keys(other)): boolean {
  return (
    names.length === others.length &&
    names.every((name) => Object.hasOwn(other, name) && sameValue(one[name], other[name]))
  );
}

function sameValue(one: unknown, other: unknown): boolean {
  // What is too large for a number is stored as null.
  if (one === other || (one === null && Math.abs(other as number) === Number.POSITIVE_INFINITY)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  return Array.isArray(one) === Array.isArray(other) && sameFields(one as Fields, other as Fields);
}
