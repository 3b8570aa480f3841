import { type ChatMessage, ChatSessionDO, type Identity, type TurnContext } from "@workkit/chat";
import { inWords, question, reply } from "./assistant.js";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
  ASSETS: Fetcher;
}

/** Longest name that a person may have here, as the page's own box allows it. */
const LONGEST_NAME = 40;

/** A room: one session, with an assistant in it. */
export class Room extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      authenticate,
      onMessage: (_sessionId, message, context) => answer(message, context, peopleIn(state)),
      // Short enough to be seen in the page's panel of frames; the default is 30 seconds.
      heartbeatInterval: 10_000,
      maxStoredMessages: 500,
      tags: (identity) => [`${PERSON}${identity.id}`],
    });
  }
}

export default {
  async fetch(request, env) {
    const { pathname, origin } = new URL(request.url);
    const room = /^\/chat\/([a-z0-9-]{1,48})$/.exec(pathname)?.[1];
    if (room !== undefined) return env.ROOMS.get(env.ROOMS.idFromName(room)).fetch(request);
    // A room's page is the one page there is; the room's name stays in the address, where the page reads it.
    if (pathname.startsWith("/r/")) return env.ASSETS.fetch(new Request(`${origin}/`, request));
    return new Response("There is nothing here. A room's page is /r/<room>.", { status: 404 });
  },
} satisfies ExportedHandler<Env>;

/**
 * Who is behind a connection. This demo believes any name; a real application would verify a token here
 * (see `readToken`) and take the identity from that.
 */
function authenticate(request: Request): Identity | Response {
  const { searchParams } = new URL(request.url);
  const id = searchParams.get("user") ?? "";
  const name = searchParams.get("name")?.trim() ?? "";
  if (!/^[\w-]{1,64}$/.test(id))
    return new Response("The parameter user must be 1 to 64 letters, digits, - or _.", { status: 401 });
  if (!/[^\s\p{C}\p{DI}\u2800]/u.test(name) || name.length > LONGEST_NAME) {
    return new Response(`The parameter name must be 1 to ${LONGEST_NAME} characters, and not only blank ones.`, {
      status: 401,
    });
  }
  return { id, name };
}

const PERSON = "person:";

/** How many people are in the room; one with several windows counts once. Tags survive hibernation, a counter would not. */
function peopleIn(state: DurableObjectState): number {
  const open = state.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN);
  const tags = open.flatMap((socket) => state.getTags(socket));
  return new Set(tags.filter((tag) => tag.startsWith(PERSON))).size;
}

/** The assistant's turn. What it posts is in the log line by line, so that an interrupted turn repeats nothing. */
async function answer(message: ChatMessage, context: TurnContext, people: number): Promise<undefined> {
  if (message.type !== "message") return;
  const asked = question(message.content, people);
  if (asked === undefined) return;
  for (const { text, pause, isStreamed } of reply(asked, {
    name: context.identity.name ?? "someone",
    now: new Date(),
  })) {
    if (pause > 0) {
      await context.post({ type: "typing", content: "" });
      await scheduler.wait(pause, { signal: context.signal });
    }
    if (isStreamed) await context.stream((signal) => inWords(text, signal));
    else await context.post({ content: text });
  }
}
