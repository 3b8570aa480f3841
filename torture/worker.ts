import unsafe from "workerd:unsafe";
import { ChatSessionDO, chatSession, type MessageHandler } from "../src/index.js";
import { KINDS, type RoomKind } from "./kinds.js";
import { STREAMING_KINDS } from "./streams/kinds.js";
import { streamer } from "./streams/streamer.js";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
  /** Where models and tools are. */
  STAND_IN: string;
}

/** Milliseconds between heartbeats: short, so that half-open connections are found within a run. */
const HEARTBEAT_INTERVAL = 1_500;
/** Milliseconds until an identity expires where identities do: its client renews it half-way. */
const LIFE = 2_000;
/** The token that renews an identity. */
const GOOD_TOKEN = "good";
/** Far above what one client can send here. */
const UNLIMITED = { burst: 5_000, perSecond: 5_000 };

/** A room under test. Its name begins with its kind, and so does its path. */
export class Room extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    const { maxStoredMessages, concurrency, answers, limited, expires, streams } = kindOf(state.id.name);
    const identify = (id: string) => ({ id, ...(expires && { expiresAt: Date.now() + LIFE }) });
    super(state, env, {
      authenticate: (request) => identify(new URL(request.url).searchParams.get("as") ?? "nobody"),
      reauthenticate: (token, { identity }) =>
        token === GOOD_TOKEN ? identify(identity.id) : new Response("expired", { status: 401 }),
      heartbeatInterval: HEARTBEAT_INTERVAL,
      maxStoredMessages,
      concurrency,
      ...(!limited && { rateLimit: UNLIMITED }),
      ...(streams && { turnAttempts: streams.attempts, interruptedReply: streams.keeps ? "keep" : "rerun" }),
      ...(streams?.everyoneCancels && { mayCancel: () => true }),
      onMessage: streams ? streamer(journal(state), env.STAND_IN) : answers ? answerer(state) : async () => undefined,
    });
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/abort")) this.ctx.abort("requested");
    if (!pathname.endsWith("/runs")) return super.fetch(request);
    const [table] = this.ctx.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'runs'").toArray();
    if (table === undefined) return Response.json([]);
    return Response.json(this.ctx.storage.sql.exec("SELECT * FROM runs").toArray());
  }
}

function kindOf(room = ""): RoomKind {
  const kind = [...KINDS, ...STREAMING_KINDS].find(({ name }) => room.startsWith(`${name}-`));
  if (kind === undefined) throw new Error(`"${room}" is no room: its name must begin with its kind, like "roomy-1".`);
  return kind;
}

/** Writes down each run of a turn, with the incarnation of the object in which it ran. */
function journal({ storage: { sql } }: DurableObjectState): (message: string, attempt: number) => void {
  sql.exec("CREATE TABLE IF NOT EXISTS runs (message TEXT, attempt INTEGER, incarnation TEXT, startedAt INTEGER)");
  const incarnation = crypto.randomUUID();
  return (message, attempt) => {
    sql.exec("INSERT INTO runs VALUES (?, ?, ?, ?)", message, attempt, incarnation, Date.now());
  };
}

/** Answers with the id of the message, after the work that the message asks for. */
function answerer(state: DurableObjectState): MessageHandler {
  const began = journal(state);
  return async (_sessionId, { id: of, type, metadata = {} }, { attempt, post }) => {
    if (type !== "message") return undefined;
    began(of, attempt);
    const work = Number(metadata["work"] ?? 0);
    if (metadata["announce"] === true) await post({ content: "begun", metadata: { begun: of } });
    if (work > 0) await scheduler.wait(work);
    if (metadata["silent"] === true) return undefined;
    const id = crypto.randomUUID();
    return { id, type, role: "assistant", content: "done", metadata: { of, attempt }, timestamp: Date.now() };
  };
}

/** `/<room>` is the room; more of the path asks something of it or does something to it. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, room = "", action] = pathname.split("/");
    const stub = env.ROOMS.getByName(room);
    switch (action) {
      case "log":
        return Response.json(
          await chatSession(stub).history({ after: Number(searchParams.get("after")), limit: 1_000 }),
        );
      case "noise":
        return makeNoise(stub, Number(searchParams.get("count")), Number(searchParams.get("size")));
      case "clear":
        await chatSession(stub).clear();
        return new Response("cleared");
      case "cancel":
        return new Response(await chatSession(stub).cancel(searchParams.get("id") ?? ""));
      case "evict":
        await unsafe.evict(stub, { webSockets: "hibernate" });
        return new Response("evicted");
      default:
        return stub.fetch(request);
    }
  },
};

/** Long messages of the server's, for readers that do not read. */
async function makeNoise(stub: DurableObjectStub<Room>, count: number, size: number): Promise<Response> {
  const session = chatSession(stub);
  for (let place = 0; place < count; place++) {
    await session.post({ type: "system", role: "system", content: `${place} `.padEnd(size, "noise ") });
  }
  return new Response("done");
}
