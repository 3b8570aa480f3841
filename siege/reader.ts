import { type Bystander, newBystander } from "./records.js";
import type { Talker } from "./talker.js";

const BROKEN = 1006;

const PING_INTERVAL = 2_000;

/** A bystander who only reads, on v1 and with nothing but what PROTOCOL.md asks of a reader. It does not come back. */
export class Reader implements Talker {
  readonly record: Bystander;
  readonly #socket: WebSocket;
  readonly #pinging: NodeJS.Timeout;
  #isLeaving = false;

  constructor(name: string, url: URL) {
    this.record = newBystander(name, "v1");
    url.searchParams.set("user", name);
    this.#socket = new WebSocket(url, ["workkit.chat.v1"]);
    this.#pinging = setInterval(() => {
      if (this.isLive) this.#socket.send('{"type":"ping"}');
    }, PING_INTERVAL);
    this.#socket.addEventListener("message", ({ data }) => this.#heard(JSON.parse(String(data))));
    this.#socket.addEventListener("close", ({ code, reason }) => {
      clearInterval(this.#pinging);
      if (this.#isLeaving) return;
      if (code === BROKEN) this.record.drops += 1;
      else this.record.troubles.push(`closed with ${code}: ${reason}`);
    });
  }

  get isLive(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  hasSettled(lastId: string): boolean {
    // Newest first: what is waited for has just come.
    return this.record.shown.findLast(({ author, id }) => author === "" && id === lastId) !== undefined;
  }

  speak(): void {
    // It has nothing to say.
  }

  leave(): void {
    this.#isLeaving = true;
    clearInterval(this.#pinging);
    this.#socket.close();
  }

  #heard({ type, id, seq, more, nonce, metadata }: Record<string, unknown>): void {
    if (type === "ping") this.#socket.send(JSON.stringify({ type: "pong", ...(nonce !== undefined && { nonce }) }));
    else if (type === "page" && more === true) this.#socket.send(JSON.stringify({ type: "next", seq }));
    else if (type === "error") this.record.troubles.push(JSON.stringify(metadata));
    else if (typeof id === "string" && typeof seq === "number") {
      this.record.shown.push({ author: authorOf(metadata), id, seq });
    }
  }
}

function authorOf(metadata: unknown): string {
  if (typeof metadata !== "object" || metadata === null || !("from" in metadata)) return "";
  const { from } = metadata;
  return typeof from === "object" && from !== null && "id" in from ? String(from.id) : "";
}
