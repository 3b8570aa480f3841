import { toMeteredRoom, withMeter } from "./metered.js";
import { generate } from "./model.js";
import { RawRoom } from "./raw-room.js";
import { parse } from "./reply.js";
import type { RoomEnv } from "./room.js";

/** Milliseconds between two frames of a reply, at least and for each connection, as in ours. */
const MIN_INTERVAL_MS = 50;
const INTERVAL_MS_PER_CONNECTION = 0.33;

/** A reply that is being generated. */
interface Reply {
  id: string;
  text: string;
  /** How much of the text was sent. */
  sent: number;
  sentAt: number;
  timer: number | undefined;
}

/**
 * What an expert would write: the message is stored before the model is asked, the first piece is sent at once, what comes then is gathered and
 * encoded once for all, a connection that joins is sent the text so far, and the reply is stored at its end. An interruption loses the reply.
 */
export class Room extends RawRoom {
  readonly #replies = new Set<Reply>();

  constructor(state: DurableObjectState, env: RoomEnv) {
    super(withMeter(state), env);
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  }

  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    for (const { id, text, sent } of this.#replies) {
      server.send(JSON.stringify({ type: "stream", id, text: text.slice(0, sent) }));
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, frame: string): Promise<void> {
    const { content } = parse(frame);
    this.#store(frame);
    for (const other of this.ctx.getWebSockets()) if (other !== socket) other.send(frame);
    return this.#answer(content);
  }

  async #answer(prompt: string): Promise<void> {
    const reply: Reply = { id: crypto.randomUUID(), text: "", sent: 0, sentAt: 0, timer: undefined };
    this.#replies.add(reply);
    for await (const piece of generate(prompt)) {
      reply.text += piece;
      this.#schedule(reply);
    }
    clearTimeout(reply.timer ?? null);
    this.#replies.delete(reply);
    const { id, text: content } = reply;
    const envelope = JSON.stringify({ id, type: "message", role: "assistant", content, timestamp: Date.now() });
    this.#store(envelope);
    this.#sendToAll(envelope);
  }

  #schedule(reply: Reply): void {
    const interval = Math.max(MIN_INTERVAL_MS, INTERVAL_MS_PER_CONNECTION * this.ctx.getWebSockets().length);
    const wait = reply.sentAt + interval - Date.now();
    if (wait <= 0) this.#flush(reply);
    else reply.timer ??= setTimeout(() => this.#flush(reply), wait);
  }

  #flush(reply: Reply): void {
    const { id, text, sent, timer } = reply;
    clearTimeout(timer ?? null);
    reply.timer = undefined;
    reply.sentAt = Date.now();
    reply.sent = text.length;
    this.#sendToAll(JSON.stringify({ type: "delta", id, text: text.slice(sent) }));
  }

  #sendToAll(frame: string): void {
    for (const socket of this.ctx.getWebSockets()) socket.send(frame);
  }

  #store(body: string): void {
    this.ctx.storage.sql.exec("INSERT INTO messages (body) VALUES (?)", body);
  }
}

export default { fetch: toMeteredRoom };
