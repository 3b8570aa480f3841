/** Who somebody is, as a token says it. */
export interface Person {
  id: string;
  name: string;
}

/** Longest name that is signed, in UTF-16 code units. */
export const LONGEST_NAME = 40;

const ALGORITHM = { name: "HMAC", hash: "SHA-256" };

/** A token that only who has the key can write: the person, and a signature. It does not expire; yours should. */
export async function writeToken(person: Person, key: string): Promise<string> {
  const text = encodeURIComponent(JSON.stringify(person));
  const signature = await crypto.subtle.sign(ALGORITHM, await importKey(key), encode(text));
  return `${text}.${btoa(String.fromCharCode(...new Uint8Array(signature)))}`;
}

/** The person of a token; nobody if it was not written with this key. */
export async function readPerson(token = "", key: string): Promise<Person | undefined> {
  // A name may have dots, a signature has none.
  const dot = token.lastIndexOf(".");
  const text = token.slice(0, dot);
  try {
    const bytes = Uint8Array.from(atob(token.slice(dot + 1)), (character) => character.charCodeAt(0));
    const isOurs = await crypto.subtle.verify(ALGORITHM, await importKey(key), bytes, encode(text));
    return isOurs ? JSON.parse(decodeURIComponent(text)) : undefined;
  } catch {
    return undefined;
  }
}

function importKey(key: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", encode(key), ALGORITHM, false, ["sign", "verify"]);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
