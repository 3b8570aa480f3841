import { readToken } from "@workkit/chat";
import { signToken, verifyToken } from "@workkit/chat/tokens";

export { Conversation } from "./conversation.js";

/** Longest name that is signed, in UTF-16 code units. */
const LONGEST_NAME = 40;
/** Seconds for which somebody stays signed in. */
const TOKEN_LIFE = 30 * 24 * 60 * 60;

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/token" && request.method === "POST") return signIn(await request.text(), env);
    const [, id] = /^\/api\/conversations\/([\da-f-]{36})$/.exec(pathname) ?? [];
    if (id === undefined) return new Response("There is nothing here.", { status: 404 });
    const claims = await verifyToken(readToken(request), env.TOKEN_KEY);
    if (claims === undefined) return new Response("Sign in first.", { status: 401 });
    // The name has the user in it, so nobody reaches the conversations of another one.
    return env.CONVERSATIONS.getByName(`${claims.sub}/${id}`).fetch(request);
  },
} satisfies ExportedHandler<Env>;

/** Anybody may have any name here. A real application asks for a password, or an identity provider, before it signs. */
async function signIn(text: string, env: Env): Promise<Response> {
  const name = text.trim();
  const isShown = /[^\s\p{C}\p{DI}\u2800]/u.test(name);
  if (!isShown || name.length > LONGEST_NAME) {
    return new Response(`A name has 1 to ${LONGEST_NAME} characters, and not only blank ones.`, { status: 400 });
  }
  const person = { id: crypto.randomUUID(), name };
  const exp = Math.floor(Date.now() / 1_000) + TOKEN_LIFE;
  return Response.json({ ...person, token: await signToken({ sub: person.id, name, exp }, env.TOKEN_KEY) });
}
