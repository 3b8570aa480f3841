import type { Random } from "../test/protocol/random.js";
import { type RoomKind, WELCOME } from "./kinds.js";
import { type Bystander, newBystander } from "./records.js";
import { nextWords, type Talker } from "./talker.js";

const PING_INTERVAL = 2_000;
const RECONNECT_AFTER = 200;
/** What it sends again when it has reconnected: without acks it does not know which of it has arrived. */
const SENT_AGAIN = 20;
/** A plain reader is sent so much on one connection, and then has to reconnect. PROTOCOL.md, "Slow readers". */
const MOST_SENT = 16 * 1_048_576;
const SLOW_READER = 4007;
const BROKEN = 1006;

/** A bystander with a WebSocket and no library, as the README shows it. */
export class PlainTalker implements Talker {
  readonly record: Bystander;
  readonly #url: URL;
  readonly #kind: RoomKind;
  readonly #random: Random;
  readonly #pinging: NodeJS.Timeout;
  #socket: WebSocket | undefined;
  #lastMessageId: string | undefined;
  #received = 0;
  #isLeaving = false;
  /** Of this connection. */
  #welcomes = 0;

  constructor(name: string, url: URL, kind: RoomKind, random: Random) {
    this.record = newBystander(name, "plain");
    this.#url = url;
    this.#kind = kind;
    this.#random = random;
    url.searchParams.set("user", name);
    this.#pinging = setInterval(() => this.#send('{"type":"ping"}'), PING_INTERVAL);
    this.#connect();
  }

  get isLive(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  hasSettled(lastId: string): boolean {
    const isWelcomed = this.#welcomes === Number(this.#kind.welcomes);
    return isWelcomed && this.record.shown.some(({ author, id }) => author === "" && id === lastId);
  }

  speak(): void {
    const said = nextWords(this.record, this.#kind, this.#random);
    this.record.sent.push(said);
    this.#say(said);
  }

  leave(): void {
    this.#isLeaving = true;
    clearInterval(this.#pinging);
    this.#socket?.close();
  }

  #connect(): void {
    if (this.#isLeaving) return;
    if (this.#lastMessageId !== undefined) this.#url.searchParams.set("lastMessageId", this.#lastMessageId);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#received = 0;
    this.#welcomes = 0;
    socket.addEventListener("open", () => {
      for (const said of this.record.sent.slice(-SENT_AGAIN)) this.#say(said);
    });
    socket.addEventListener("message", ({ data }) => this.#heard(String(data)));
    socket.addEventListener("close", ({ code, reason }) => this.#closed(code, reason));
  }

  #say({ id, content }: { id: string; content: string }): void {
    this.#send(JSON.stringify({ id, type: "message", content }));
  }

  #send(text: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  #heard(text: string): void {
    this.#received += text.length;
    const { type, id, content, metadata } = JSON.parse(text);
    if (type === "ping") return this.#send('{"type":"pong"}');
    if (type === "pong") return;
    if (String(content).startsWith(WELCOME)) this.#welcomes += 1;
    const own = metadata?.from?.id === this.record.name;
    // The answer to what was sent again is no place in the log, unless it says so.
    if (metadata?.cursor !== undefined || !own) this.#lastMessageId = metadata?.cursor ?? id;
    if (type === "error") this.record.troubles.push(metadata.code);
    else if (type !== "typing" && !own) this.record.shown.push({ author: metadata?.from?.id ?? "", id });
  }

  #closed(code: number, reason: string): void {
    if (this.#isLeaving) return;
    const isExpected = code === SLOW_READER && this.#received >= MOST_SENT;
    if (code === BROKEN) this.record.drops += 1;
    else if (!isExpected) this.record.troubles.push(`closed with ${code}: ${reason}`);
    setTimeout(() => this.#connect(), RECONNECT_AFTER);
  }
}
