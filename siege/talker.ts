import type { Random } from "../test/protocol/random.js";
import type { RoomKind } from "./kinds.js";
import type { Bystander } from "./records.js";

/** One who talks and reads, and harms nobody. */
export interface Talker {
  readonly record: Bystander;
  /** Whether it has been shown a message of that id, and all of its own are answered. */
  hasSettled(lastId: string): boolean;
  /** Whether it is connected. */
  readonly isLive: boolean;
  speak(): void;
  leave(): void;
}

const LONGEST_WORDS = 30;

/** The next message of a bystander. */
export function nextWords(
  { name, sent }: Bystander,
  { countsIds }: RoomKind,
  random: Random,
): { id: string; content: string } {
  const count = String(sent.length + 1);
  const id = countsIds ? count : `${name}-${count}`;
  return { id, content: `${name} says ${count}${" word".repeat(random.below(LONGEST_WORDS))}` };
}
