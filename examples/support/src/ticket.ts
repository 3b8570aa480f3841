/** What a visitor shows to come back to a conversation. It is signed, not encrypted: there is no secret in it. */
export interface Ticket {
  room: string;
  visitor: string;
  /** Milliseconds since the Unix epoch. */
  expiresAt: number;
}

const SHORTEST_SECRET = 32;
const HMAC = { name: "HMAC", hash: "SHA-256" };

/** The ticket as text, which nobody without the secret can make: `<ticket>.<signature>`, both base64url. */
export async function sign(ticket: Ticket, secret: string): Promise<string> {
  const body = toBase64(new TextEncoder().encode(JSON.stringify(ticket)));
  const signature = await crypto.subtle.sign(HMAC, await keyOf(secret), new TextEncoder().encode(body));
  return `${body}.${toBase64(new Uint8Array(signature))}`;
}

/** The ticket in a text that `sign` made and that is not out of date; nothing in any other. */
export async function verify(text: string, secret: string): Promise<Ticket | undefined> {
  const key = await keyOf(secret);
  const [body = "", signature = ""] = text.split(".");
  try {
    const genuine = await crypto.subtle.verify(HMAC, key, fromBase64(signature), new TextEncoder().encode(body));
    if (!genuine) return undefined;
    // What carries our signature is what we wrote.
    const ticket: Ticket = JSON.parse(new TextDecoder().decode(fromBase64(body)));
    return ticket.expiresAt > Date.now() ? ticket : undefined;
  } catch {
    return undefined;
  }
}

function keyOf(secret: string | undefined): Promise<CryptoKey> {
  if (secret === undefined || secret.length < SHORTEST_SECRET) {
    throw new Error(`TICKET_SECRET must have ${SHORTEST_SECRET} characters or more: anybody could sign tickets.`);
  }
  return crypto.subtle.importKey("raw", new TextEncoder().encode(secret), HMAC, false, ["sign", "verify"]);
}

function toBase64(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}
