import { ChatClient } from "@workkit/chat/client";
import type { Random } from "../../test/protocol/random.js";
import { type CallEntry, isCall, named } from "./records.js";

/** The client is never to wait long for its next try. */
const LONGEST_BACKOFF = 200;

/** One window of a user: a real client, all that it was sent of the log, and what it was refused. */
export class Window {
  readonly name: string;
  readonly client: ChatClient;
  readonly entries: CallEntry[] = [];
  /** How often each code was the answer to something it had sent. */
  readonly refused = new Map<string, number>();

  constructor(name: string, url: () => string, random: Random) {
    this.name = name;
    this.client = new ChatClient({ url, backoff: () => random.below(LONGEST_BACKOFF), connectTimeout: 3_000 });
    this.client.on("message", ({ seq, id, type, role, metadata }) => {
      this.entries.push({ seq, id, type, role, ...(metadata && { metadata }) });
    });
    this.client.on("error", ({ code, inReplyTo }) => {
      if (inReplyTo === undefined) return;
      this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
      setImmediate(() => this.client.discard(inReplyTo));
    });
    this.client.connect();
  }

  get seq(): number {
    return this.entries.at(-1)?.seq ?? 0;
  }

  /** Whether all that it has sent is acked or refused. */
  get isSettled(): boolean {
    const { messages, status } = this.client.getSnapshot();
    return status === "live" && messages.every(({ state }) => state === "sent" || state === "streaming");
  }

  /** The calls of the reply to a message or a request. */
  callsOf(id: string): CallEntry[] {
    return this.entries.filter((entry) => isCall(entry) && named(entry, "inReplyTo") === id);
  }
}
