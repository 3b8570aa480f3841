/** Who this window speaks as. The id is random and stays; the name may change. */
export interface Profile {
  id: string;
  name: string;
}

/** Longest name the worker takes, in UTF-16 code units. */
export const LONGEST_NAME = 40;

const KEY = "workkit-chat-demo";
const QUALITIES = ["Quiet", "Amber", "Brisk", "Clear", "Gentle", "Northern", "Patient", "Silver", "Steady", "Wry"];
const BIRDS = ["Heron", "Wren", "Plover", "Swift", "Curlew", "Finch", "Avocet", "Martin", "Lapwing", "Tern"];

/**
 * The profile of this window. It is shared by the windows of a browser, except that `guest` gives a window one of its own,
 * so that one person can try a conversation between two.
 */
export function loadProfile(guest: boolean): Profile {
  const stored = readProfile(storage(guest).getItem(KEY));
  if (stored !== undefined) return stored;
  const profile = { id: crypto.randomUUID(), name: `${pick(QUALITIES)} ${pick(BIRDS)}` };
  saveProfile(profile, guest);
  return profile;
}

export function saveProfile(profile: Profile, guest: boolean): void {
  storage(guest).setItem(KEY, JSON.stringify(profile));
}

/** Where a window keeps what is its own: a guest's is gone with it. */
export function storage(guest: boolean): Storage {
  return guest ? sessionStorage : localStorage;
}

function readProfile(text: string | null): Profile | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    if (typeof value !== "object" || value === null || !("id" in value) || !("name" in value)) return undefined;
    const { id, name } = value;
    return typeof id === "string" && typeof name === "string" ? { id, name } : undefined;
  } catch {
    return undefined;
  }
}

function pick(list: readonly string[]): string {
  return list[Math.floor(Math.random() * list.length)] ?? "";
}
