import { aiSdk } from "../src/ai/index.js";
import {
  ChatError,
  ChatSessionDO,
  type ChatSessionDOOptions,
  chatSession,
  type Identity,
  type ReplyPiece,
  scheduleAlarm,
} from "../src/index.js";
import { meter, newUsage } from "../test/fixtures/meter.js";
import { HOSTILE, type KindName, WELCOME } from "./kinds.js";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
}

const ROOMY = { maxStoredMessages: 20_000, heartbeatInterval: 5_000 };
/** What a turn takes in the room with the slow handler, in milliseconds. */
const WORK = 150;
/** When an alarm goes off after the message that set it, in milliseconds. */
const REMINDER = 400;
/** Characters of the pieces of a reply that stays open. */
const LONG_PIECE = 20_000;
/** Characters of a welcome. */
const LONG_WELCOME = 20_000;

type Schedule = (name: string, at: number) => Promise<void>;

const OPTIONS: Record<KindName, (room: DurableObjectState, schedule: Schedule) => Partial<ChatSessionDOOptions>> = {
  talk: () => ROOMY,
  crowded: () => ({ maxStoredMessages: ROOMY.maxStoredMessages }),
  small: () => ({ ...ROOMY, maxConnections: 40, heartbeatInterval: 1_500 }),
  short: () => ({ heartbeatInterval: 5_000 }),
  deep: () => ({ ...ROOMY, maxMetadataDepth: 256 }),
  counting: () => ROOMY,
  slow: () => ({
    ...ROOMY,
    onMessage: async (_room, { id, type }) => {
      await scheduler.wait(WORK);
      return type === "message" ? answer({ of: id }) : undefined;
    },
  }),
  mutating: () => ({
    ...ROOMY,
    onMessage: async (_room, message, { identity }) => {
      const of = message.id;
      message.id = "changed";
      message.content = message.content.trim().slice(1);
      message.timestamp = 0;
      message.metadata = { changed: true };
      identity.id = "admin";
      await scheduler.wait(0);
      Reflect.set(message, "content", undefined);
      return message.type === "message" ? answer({ of }) : undefined;
    },
  }),
  quoting: () => ({
    ...ROOMY,
    onMessage: async (_room, { content }) =>
      content.startsWith("{") ? answer({ quoted: JSON.parse(content) }) : undefined,
  }),
  poison: (room) => ({
    ...ROOMY,
    onMessage: async (_room, { content }) => {
      if (content === "poison") room.abort("poisoned");
      return undefined;
    },
  }),
  reminding: (_room, schedule) =>
    reminding(schedule, () => {
      throw new Error("The alarm fails.");
    }),
  fatal: (room, schedule) => reminding(schedule, () => room.abort("broken by an alarm")),
  welcoming: () => ({
    ...ROOMY,
    onLive: (_connection, { send }) => void send({ type: "typing", content: WELCOME.padEnd(LONG_WELCOME, "!") }),
  }),
  streaming: () => ({
    ...ROOMY,
    dialects: [aiSdk()],
    limitKey: (request, identity) => new URL(request.url).searchParams.get("key") ?? identity?.id ?? "refused",
    onMessage: (_room, { type, content }) => {
      if (type !== "message") return undefined;
      const [pieces, characters, pauseMs] = (/^stream (\d+) (\d+) (\d+)$/.exec(content) ?? []).slice(1).map(Number);
      return speak(pieces ?? 5, characters ?? 20, pauseMs ?? 20);
    },
  }),
  calling: () => ({
    ...ROOMY,
    onMessage: (_room, { type, content }, { continues }) => {
      if (type !== "message" && !continues) return undefined;
      const [, calls = 0] = /^call (\d+)$/.exec(content) ?? [];
      return Number(calls) > 0 ? callTools(Number(calls)) : speak(3, 20, 20);
    },
  }),
  rejecting: () => ({
    ...ROOMY,
    onMessage: async (_room, { content }) => {
      if (content === "reject") throw new ChatError("x-quota", "The quota is used up.", { retryAfterMs: 1_000 });
      return undefined;
    },
  }),
};

/** A reply of so many pieces. One that is long stays open after them. */
async function* speak(pieces: number, characters: number, pauseMs: number): AsyncGenerator<string> {
  const piece = "x".repeat(characters);
  for (let count = 0; count < pieces; count++) {
    yield piece;
    await scheduler.wait(pauseMs);
  }
  if (characters > LONG_PIECE) await new Promise(() => "never");
}

/** A reply that leaves so many calls open. */
async function* callTools(calls: number): AsyncGenerator<ReplyPiece> {
  for (let call = 1; call <= calls; call++) {
    const toolCallId = `${call}`;
    yield { type: "tool-input-available", toolCallId, toolName: "order", input: { call } };
    yield { type: "tool-approval-request", toolCallId, approvalId: toolCallId };
  }
  yield { type: "finish", finishReason: "tool-calls" };
}

/** Sets an alarm for each message. One of the hostile client does as `harm` says. */
function reminding(schedule: Schedule, harm: () => void): Partial<ChatSessionDOOptions> {
  return {
    ...ROOMY,
    onMessage: async (_room, { id }, { identity }) => {
      const name = `${identity.id}:${id}`;
      if (identity.id !== HOSTILE) ALARMS.add(name);
      await schedule(name, Date.now() + REMINDER);
      return undefined;
    },
    onAlarm: (name) => {
      if (name.startsWith(HOSTILE)) harm();
      ALARMS.delete(name);
    },
  };
}

function answer(metadata: Record<string, unknown>) {
  return {
    id: crypto.randomUUID(),
    type: "message",
    role: "assistant",
    content: "done",
    metadata,
    timestamp: Date.now(),
  } as const;
}

/** A request without `user` is anonymous, and one that is to be refused says so. */
function authenticate(request: Request): Identity | Response {
  const query = new URL(request.url).searchParams;
  if (query.has("reject")) throw new ChatError("x-suspended", "The account is suspended.");
  if (query.has("deny")) return new Response("no token", { status: 401 });
  const expires = query.get("expires");
  return { id: query.get("user") ?? "anonymous", ...(expires !== null && { expiresAt: Date.now() + Number(expires) }) };
}

/** Of all objects of this workerd: there is one room in each, and what it wrote is to outlive its sleep. */
const USAGE = newUsage();
/** The alarms of bystanders that are still to go off. */
const ALARMS = new Set<string>();

/** A room under siege. Its name begins with its kind. */
export class Room extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    const kind = (state.id.name ?? "").split("-", 1)[0] as KindName;
    super(state, env, {
      authenticate,
      reauthenticate: (_token, { identity }) => identity,
      onMessage: async () => undefined,
      ...OPTIONS[kind](state, (name, at) => scheduleAlarm(this, name, at)),
    });
    meter(state.storage, USAGE);
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/abort")) this.ctx.abort("requested");
    if (pathname.endsWith("/alarms")) return Response.json([...ALARMS]);
    if (pathname.endsWith("/usage")) return Response.json(USAGE);
    return super.fetch(request);
  }
}

/** `/<room>` is the room; more of the path asks something of it or does something to it. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, room = "", action] = pathname.split("/");
    const stub = env.ROOMS.getByName(room);
    switch (action) {
      case "log":
        return Response.json(await readLog(stub, Number(searchParams.get("after"))));
      case "post":
        return post(stub, searchParams.get("id") ?? "", Number(searchParams.get("size") ?? 1));
      default:
        return stub.fetch(request);
    }
  },
};

/** A part of the log: who wrote each message, its id, and its content unless that is long. */
async function readLog(stub: DurableObjectStub<Room>, after: number) {
  const { head, messages } = await chatSession(stub).history({ after, limit: 1_000 });
  const entries = messages.map(({ seq, id, content, metadata }) => {
    const from = metadata?.["from"] as { id?: string } | undefined;
    const answers = from === undefined ? metadata?.["inReplyTo"] : undefined;
    const isRequest = metadata?.["regenerates"] !== undefined;
    return {
      seq,
      id,
      author: from?.id ?? "",
      answers,
      isRequest,
      content: content.length < MAX_CONTENT ? content : "",
    };
  });
  return { head, entries };
}

const MAX_CONTENT = 1_000;

async function post(stub: DurableObjectStub<Room>, id: string, size: number): Promise<Response> {
  try {
    await chatSession(stub).post({ id, type: "system", role: "system", content: "post ".padEnd(size, "x") });
    return new Response("posted");
  } catch (error) {
    return new Response(String(error), { status: 409 });
  }
}
