import { stringify } from "../../protocol/codec.js";
import type { ChatMessage } from "../../protocol/envelope.js";

/** Whether two envelopes have the same type, content and metadata of their author: a retry, and not a conflict of ids (P2). */
export function sameBody(stored: ChatMessage, again: ChatMessage): boolean {
  if (stored.type !== again.type || stored.content !== again.content) return false;
  // Most retries are the same text. JSON libraries may order the keys of an object in any way.
  const [one, other] = [encodeMetadata(stored), encodeMetadata(again)];
  return one === other || sortKeys(one) === sortKeys(other);
}

/** The metadata of the author as it would be stored: JSON has no -0, no undefined and no dates. */
function encodeMetadata({ metadata }: ChatMessage): string {
  return stringify({ ...metadata, from: undefined, failed: undefined });
}

function sortKeys(json: string): string {
  return JSON.stringify(JSON.parse(json, toSorted));
}

function toSorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
