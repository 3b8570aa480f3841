import { type Identity, readToken } from "@workkit/chat";
import { verifyToken } from "@workkit/chat/tokens";
import { deskId, nameVisitor } from "../shared/people.js";

const HOUR = 60 * 60_000;
const LONGEST_NAME = 40;

/** The origins whose pages may talk to this worker. */
export function allowedOrigins(env: Env): string[] {
  return env.ALLOWED_ORIGINS.split(" ");
}

/** Who comes to a conversation: its visitor, or somebody of the desk. */
export async function admit(request: Request, env: Env, session: string): Promise<Identity | Response> {
  const token = readToken(request) ?? "";
  if (await opensDesk(token, env)) return personAt(request);
  return admitVisitor(token, env, session);
}

/** The visitor of a conversation, when a connection begins and when it shows its ticket again. */
export async function admitVisitor(token: string, env: Env, session: string): Promise<Identity | Response> {
  const ticket = await verifyToken(token, env.TICKET_SECRET);
  if (ticket === undefined) return new Response("Show a valid ticket.", { status: 401 });
  if (`${ticket.room}/${ticket.sub}` !== session) {
    return new Response("This is another visitor's conversation.", { status: 403 });
  }
  // A ticket that your own server has signed may tell the name. One without a letter or a digit could show nothing.
  const { name } = ticket;
  const isName = typeof name === "string" && name.length <= LONGEST_NAME && /[\p{L}\p{N}]/u.test(name);
  // A live connection shows its ticket again after an hour: the client does that by itself.
  return {
    id: ticket.sub,
    name: isName ? name : nameVisitor(ticket.sub),
    expiresAt: Math.min(ticket.exp * 1_000, Date.now() + HOUR),
  };
}

/** Who comes to an inbox: somebody of the desk, to read. */
export async function admitToInbox(request: Request, env: Env): Promise<Identity | Response> {
  if (!(await opensDesk(readToken(request) ?? "", env))) return new Response("Show the desk's key.", { status: 401 });
  const person = personAt(request);
  return person instanceof Response ? person : { ...person, readOnly: true };
}

function personAt(request: Request): Identity | Response {
  const name = new URL(request.url).searchParams.get("name")?.trim() ?? "";
  if (name === "" || name.length > LONGEST_NAME) {
    return new Response(`The parameter name must be 1 to ${LONGEST_NAME} characters.`, { status: 400 });
  }
  return { id: deskId(name), name };
}

/** One key for all of the desk. Compared by their digests, so that the time it takes tells nothing. */
async function opensDesk(token: string, env: Env): Promise<boolean> {
  if (token === "" || env.DESK_KEY === "") return false;
  const [given, key] = await Promise.all([digest(token), digest(env.DESK_KEY)]);
  return crypto.subtle.timingSafeEqual(given, key);
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}
