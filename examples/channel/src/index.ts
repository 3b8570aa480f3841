import { ChatSessionDO, chatSession, readToken } from "@workkit/chat";
import { signToken, verifyToken } from "@workkit/chat/tokens";

interface Person {
  id: string;
  name: string;
}

/** Longest name that is signed, in UTF-16 code units. */
const LONGEST_NAME = 40;
/** Seconds for which somebody stays signed in. */
const TOKEN_LIFE = 30 * 24 * 60 * 60;
/** Names of people that one envelope tells. */
const MOST_PEOPLE = 100;

/** A channel: one session, in which people talk to each other. */
export class Channel extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    // Everyone is sent who is here as a `typing` envelope: those are passed on, and not stored.
    const tellPeople = async () => {
      const session = chatSession(env.CHANNELS.get(state.id));
      const people = peopleOf(await session.connections());
      await session.post({ type: "typing", role: "system", content: "", metadata: { active: false, people } });
    };
    super(state, env, {
      authenticate: async (request) => {
        const claims = await verifyToken(readToken(request), env.TOKEN_KEY);
        if (claims === undefined) return new Response("Sign in first.", { status: 401 });
        return { id: claims.sub, name: claims.name, expiresAt: claims.exp * 1_000 };
      },
      onMessage: async () => undefined,
      onConnect: tellPeople,
      onDisconnect: tellPeople,
      maxStoredMessages: 1_000,
    });
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/token" && request.method === "POST") return signIn(await request.text(), env);
    const [, name, people] = /^\/api\/channels\/([a-z0-9-]{1,48})(\/people)?$/.exec(pathname) ?? [];
    if (name === undefined) return new Response("There is nothing here.", { status: 404 });
    const channel = env.CHANNELS.getByName(name);
    if (people === undefined) return channel.fetch(request);
    if ((await verifyToken(readToken(request), env.TOKEN_KEY)) === undefined) {
      return new Response("Sign in first.", { status: 401 });
    }
    return Response.json(peopleOf(await chatSession(channel).connections()));
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

/** Everybody once, by name, however many windows they have. */
function peopleOf(connections: { identity: { id: string; name?: string } }[]): Person[] {
  const people = new Map(connections.map(({ identity: { id, name = "Someone" } }) => [id, { id, name }]));
  const byName = [...people.values()].sort((one, other) => one.name.localeCompare(other.name));
  return byName.slice(0, MOST_PEOPLE);
}
