import { ChatSessionDO, readToken } from "@workkit/chat";
import { signToken, verifyToken } from "@workkit/chat/tokens";

export { Account } from "./account.js";

/** Seconds that a token lasts. */
const TOKEN_LIFE = 24 * 60 * 60;

export class Room extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      authenticate: async (request) => {
        const claims = await verifyToken(readToken(request), env.TOKEN_SECRET);
        if (claims === undefined) return new Response("Sign in first.", { status: 401 });
        return { id: claims.sub, name: claims.name, expiresAt: claims.exp * 1_000 };
      },
      onMessage: async (_sessionId, message, { identity }) => {
        if (message.content !== "/roll") return undefined;
        return `${identity.name} rolls a ${1 + Math.floor(6 * Math.random())}.`;
      },
      maxStoredMessages: 1_000,
    });
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/sign-in" && request.method === "POST") return signIn(request, env);
    const room = /^\/rooms\/([a-z0-9-]{1,48})$/.exec(pathname)?.[1];
    if (room === undefined) return new Response("There is nothing here.", { status: 404 });
    return env.ROOMS.getByName(room).fetch(request);
  },
} satisfies ExportedHandler<Env>;

async function signIn(request: Request, env: Env): Promise<Response> {
  const form = await request.formData();
  const name = String(form.get("name"));
  const password = String(form.get("password"));
  if (!/^[\p{L}\p{N}_.-]{1,40}$/u.test(name)) {
    return new Response("A name has 1 to 40 letters, digits, dots, dashes or underscores.", { status: 400 });
  }
  if (password.length < 8) return new Response("A password has 8 characters or more.", { status: 400 });
  const id = name.toLowerCase();
  if (!(await env.ACCOUNTS.getByName(id).signIn(password))) {
    return new Response("This name is taken, and its password is another one.", { status: 403 });
  }
  const exp = Math.floor(Date.now() / 1_000) + TOKEN_LIFE;
  return Response.json({ id, token: await signToken({ sub: id, name, exp }, env.TOKEN_SECRET) });
}
