/** Who uses this browser, with the token that proves it. */
export interface Person {
  id: string;
  name: string;
  token: string;
}

const KEY = "assistant/person";

/** @throws Error with what the server has against it */
export async function signIn(name: string): Promise<Person> {
  const response = await fetch("/api/token", { method: "POST", body: name });
  if (!response.ok) throw new Error(await response.text());
  const person: unknown = await response.json();
  if (!isPerson(person)) throw new Error("The server's answer is no person.");
  localStorage.setItem(KEY, JSON.stringify(person));
  return person;
}

/** Who signed in here before. */
export function loadPerson(): Person | undefined {
  try {
    const person: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return isPerson(person) ? person : undefined;
  } catch {
    return undefined;
  }
}

export function forgetPerson(): void {
  localStorage.removeItem(KEY);
}

function isPerson(value: unknown): value is Person {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  return ["id", "name", "token"].every((field) => typeof fields.get(field) === "string");
}
