import { ChatClient } from "@workkit/chat/client";
import type { Random } from "../test/protocol/random.js";
import { type RoomKind, WELCOME } from "./kinds.js";
import { type Bystander, newBystander } from "./records.js";
import { nextWords, type Talker } from "./talker.js";

/** Messages that it keeps; an event reports each one as it arrives. */
const KEPT = 50;
const LONGEST_BACKOFF = 400;

/** A bystander with the package's own client. */
export class V1Talker implements Talker {
  readonly record: Bystander;
  readonly #client: ChatClient;
  readonly #kind: RoomKind;
  readonly #random: Random;
  readonly #unacked = new Map<string, number>();
  #isLeaving = false;
  #wasLive = false;
  /** Of this connection. */
  #welcomes = 0;

  constructor(name: string, url: URL, kind: RoomKind, random: Random) {
    this.record = newBystander(name, "v1");
    this.#kind = kind;
    this.#random = random;
    url.searchParams.set("user", name);
    this.#client = new ChatClient({ url: url.href, maxMessages: KEPT, backoff: () => random.below(LONGEST_BACKOFF) });
    this.#client.on("message", ({ id, seq, metadata }) => {
      const author = authorOf(metadata);
      this.record.shown.push({ author, id, seq });
      // After a reconnect one's own message comes back in place of its ack.
      if (author === name) this.#unacked.delete(id);
    });
    this.#client.on("frame", ({ direction, text }) => {
      if (direction === "in") this.#heard(text);
    });
    this.#client.on("hello", ({ resume }) => {
      this.#welcomes = 0;
      if (resume === "gap") this.record.troubles.push("was sent a gap");
    });
    this.#client.on("error", ({ code }) => {
      if (code === "UNKNOWN_OUTCOME") this.record.troubles.push(code);
    });
    this.#client.subscribe(() => this.#looked());
    this.#client.connect();
  }

  get isLive(): boolean {
    return this.#client.getSnapshot().status === "live";
  }

  hasSettled(lastId: string): boolean {
    return (
      this.#unacked.size === 0 &&
      this.#isWelcomed &&
      this.record.shown.some(({ author, id }) => author === "" && id === lastId)
    );
  }

  get #isWelcomed(): boolean {
    return this.#welcomes === Number(this.#kind.welcomes);
  }

  speak(): void {
    const said = nextWords(this.record, this.#kind, this.#random);
    this.record.sent.push(said);
    this.#unacked.set(said.id, performance.now());
    this.#client.send(said);
  }

  leave(): void {
    this.#isLeaving = true;
    this.#client.close();
  }

  #heard(text: string): void {
    if (text.startsWith('{"type":"ack"')) {
      const { id }: { id: string } = JSON.parse(text);
      const sentAt = this.#unacked.get(id);
      if (sentAt !== undefined) this.record.ackMs.push(performance.now() - sentAt);
      this.#unacked.delete(id);
      this.record.acked.add(id);
    } else if (text.includes(`"content":"${WELCOME}`)) this.#welcomes += 1;
    else if (text.includes('"type":"error"')) {
      const { metadata }: { metadata: { code: string; inReplyTo?: string; retryAfterMs?: number } } = JSON.parse(text);
      this.record.troubles.push(metadata.code);
      if (metadata.retryAfterMs === undefined) this.#unacked.delete(metadata.inReplyTo ?? "");
    }
  }

  #looked(): void {
    const { status, reason } = this.#client.getSnapshot();
    if (!this.#isLeaving && (status === "reconnecting" || status === "closed") && this.#wasLive) {
      if (reason?.code === BROKEN) this.record.drops += 1;
      else this.record.troubles.push(`closed with ${reason?.code}: ${reason?.reason}`);
    }
    if (status !== "connecting") this.#wasLive = status === "live";
  }
}

const BROKEN = 1006;

function authorOf(metadata: Record<string, unknown> | undefined): string {
  const from = metadata?.["from"];
  return typeof from === "object" && from !== null && "id" in from ? String(from.id) : "";
}
