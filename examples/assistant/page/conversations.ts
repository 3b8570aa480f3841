/** A conversation that this browser knows. */
export interface Known {
  id: string;
  /** The beginning of the first message; empty before that. */
  title: string;
}

const LONGEST_TITLE = 60;
const MOST_KEPT = 50;

const keyOf = (person: string) => `assistant/conversations/${person}`;

/** The conversations of a person in this browser, the newest first. There is always one. */
export function loadConversations(person: string): Known[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(person)) ?? "[]");
    const known = Array.isArray(kept) ? kept.filter(isKnown) : [];
    if (known.length > 0) return known;
  } catch {
    // What is not JSON is not ours.
  }
  return [{ id: crypto.randomUUID(), title: "" }];
}

export function saveConversations(person: string, known: readonly Known[]): void {
  localStorage.setItem(keyOf(person), JSON.stringify(known.slice(0, MOST_KEPT)));
}

/** At the sign-out. */
export function forgetConversations(person: string): void {
  localStorage.removeItem(keyOf(person));
}

/** The title of a conversation that begins with this text. */
export function toTitle(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE - 1)}…` : line;
}

function isKnown(value: unknown): value is Known {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  return typeof fields.get("id") === "string" && typeof fields.get("title") === "string";
}
