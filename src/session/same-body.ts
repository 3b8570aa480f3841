import type { ChatMessage } from "../protocol/envelope.js";

/** Whether two envelopes say the same, whoever says it and when: what tells a retry from a conflict (P2). */
export function sameBody(one: ChatMessage, other: ChatMessage): boolean {
  return one.type === other.type && one.content === other.content && same(written(one), written(other));
}

/** The metadata that the author wrote. */
function written({ metadata }: ChatMessage): Record<string, unknown> {
  const { from: _, ...rest } = metadata ?? {};
  return rest;
}

function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const entries = Object.entries(one);
  if (entries.length !== Object.keys(other).length) return false;
  return entries.every(([key, value]) => Object.hasOwn(other, key) && same(value, Reflect.get(other, key)));
}
