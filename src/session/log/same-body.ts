import { stringify } from "../../protocol/codec.js";
import type { ChatMessage } from "../../protocol/envelope.js";

/** Whether two envelopes say the same, whoever says it and when: what tells a retry from a conflict (P2). */
export function sameBody(stored: ChatMessage, again: ChatMessage): boolean {
  if (stored.type !== again.type || stored.content !== again.content) return false;
  // As it would be stored: JSON has no -0, no undefined and no dates. Most retries are the same text.
  const [one, other] = [asStored(stored), asStored(again)];
  return one === other || same(JSON.parse(one), JSON.parse(other));
}

/** The metadata that the author wrote, as JSON. */
function asStored({ metadata }: ChatMessage): string {
  const { from: _, ...rest } = metadata ?? {};
  return stringify(rest);
}

function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const entries = Object.entries(one);
  if (entries.length !== Object.keys(other).length) return false;
  return entries.every(([key, value]) => Object.hasOwn(other, key) && same(value, Reflect.get(other, key)));
}
