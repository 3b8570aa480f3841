import { stringify } from "../protocol/codec.js";
import { type ChatMessage, isDurable } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import { ID_MEMORY } from "../protocol/limits.js";
import type { Draft } from "../server/context.js";
import { readAuthor } from "../server/identity.js";
import type { Inbound, Intake } from "../server/inbound.js";
import type { Peer } from "../server/peer.js";
import { Pipeline } from "../server/pipeline.js";
import { compose, encodeReply } from "../server/reply.js";
import { type Outlet, Turn } from "../server/turn.js";
import { TurnQueue } from "../server/turn-queue.js";
import { acknowledge, type Connections } from "./connections.js";
import { ephemeralId, parseCursor, postId } from "./cursor.js";
import { ENDS_TURN, type NewEntry, NO_TURN, TURN_BEGUN, TURN_WAITS } from "./entry.js";
import { GroupCommit } from "./group-commit.js";
import { IdMemory } from "./id-memory.js";
import type { Log } from "./log.js";
import { continueReplay } from "./replay.js";
import { sameBody } from "./same-body.js";
import type { SessionSettings } from "./settings.js";

/** How long a client should wait when the log is full of unfinished turns, in milliseconds. */
const BUSY_RETRY = 1_000;

/** A session that is awake: from the pipeline into the log, from the log to the connections and to the handler, and back. */
export class Conversation implements Intake, Outlet {
  readonly pipeline: Pipeline;
  readonly #turns: TurnQueue;
  readonly #commits: GroupCommit;
  #idMemory: IdMemory | undefined;
  /** What waits for the next commit: answers speak of an envelope only once it is durable (P1). */
  #afterCommit: (() => void)[] = [];

  constructor(
    private readonly sessionId: string,
    readonly log: Log,
    readonly connections: Connections,
    private readonly settings: SessionSettings,
    /** Called after each commit, and with what makes the log unusable. */
    private readonly events: { committed(): void; broken(error: unknown): void },
  ) {
    this.pipeline = new Pipeline(settings, this);
    this.#turns = new TurnQueue(settings, this);
    this.#commits = new GroupCommit(
      () => this.#flush(),
      () => this.#hasPending(),
    );
  }

  accept(inbound: Inbound): void {
    const { peer, message, after } = inbound;
    if (!isDurable(message.type)) return this.#relay(inbound);
    const known = this.#memory.find(message.id);
    if (known !== undefined) return this.#acceptAgain(inbound, known.seq, known.author);
    if (after !== undefined && !this.#remembersSince(after)) {
      throw new ChatError("UNKNOWN_OUTCOME", undefined, { inReplyTo: message.id });
    }
    if (this.log.full) throw new ChatError("BUSY", undefined, { inReplyTo: message.id, retryAfterMs: BUSY_RETRY });
    message.timestamp = this.log.now();
    const turn = this.#turnMark(message);
    const { id: author } = peer.state.identity;
    const { seq } = this.#append({ message, author, ref: null, turn, source: peer }, stringify(message));
    this.#commits.request(turn === NO_TURN ? undefined : this.#begin(inbound, seq));
    if (turn === NO_TURN) this.pipeline.concluded(inbound);
  }

  next(peer: Peer, seq: number): void {
    continueReplay(peer, this.log, seq);
  }

  ephemeralId(): string {
    return ephemeralId(this.log);
  }

  send(turn: Turn, draft: Draft): boolean {
    const message = compose({ ...draft, id: this.ephemeralId() }, "");
    const peer = turn.inbound?.peer;
    const taken = peer !== undefined && this.connections.has(peer) && peer.send(encodeReply(message), message);
    if (message.type === "tool_call") turn.toolCalls.add(message.id);
    return taken;
  }

  async post(turn: Turn, draft: Draft): Promise<ChatMessage> {
    turn.posts += 1;
    const id = draft.id ?? (turn.seq === undefined ? this.ephemeralId() : postId(this.log, turn.seq, turn.posts));
    // Only a turn that runs again can have posted before its memory was lost.
    const earlier = turn.attempt > 1 ? this.log.find(id) : undefined;
    const message = compose(draft, id);
    if (message.type === "tool_call") turn.toolCalls.add(id);
    return earlier === undefined ? this.publish(message, turn.seq ?? null) : (this.log.get(earlier) ?? message);
  }

  /** Appends an envelope of the server's and fans it out; an id that is there already gets what is there. */
  async publish(message: ChatMessage, ref: number | null = null): Promise<ChatMessage> {
    const known = this.#memory.find(message.id);
    if (known !== undefined) {
      const stored = this.log.get(known.seq);
      if (known.author === null && stored !== undefined && sameBody(stored, message)) return this.#committed(stored);
      throw new ChatError("ID_CONFLICT", undefined, { inReplyTo: message.id });
    }
    message.timestamp = this.log.now();
    this.#append({ message, author: null, ref, turn: NO_TURN }, encodeReply(message));
    this.#commits.request();
    return this.#committed(message);
  }

  finished(turn: Turn, replies: readonly ChatMessage[]): void {
    const last = replies.length - 1;
    const entries = replies.map((reply, place) => {
      const message = { ...reply, id: this.#freeId(reply.id, turn), timestamp: this.log.now() };
      const ends = place === last && turn.seq !== undefined ? ENDS_TURN : NO_TURN;
      return { entry: { message, author: null, ref: turn.seq ?? null, turn: ends }, body: encodeReply(message) };
    });
    for (const { entry, body } of entries) this.#append(entry, body);
    if (last < 0 && turn.seq !== undefined) this.log.settle(turn.seq);
    this.#conclude(turn);
  }

  failed(turn: Turn, error: ChatError): void {
    const peer = turn.inbound?.peer;
    if (peer !== undefined && this.connections.has(peer)) {
      this.#afterCommit.push(() => peer.sendError(this.ephemeralId(), error));
      if (turn.seq !== undefined) this.log.settle(turn.seq);
    } else if (turn.seq !== undefined) {
      this.#reportInLog(turn.seq, error);
    }
    this.#conclude(turn, error);
  }

  /** Takes up the turns that were interrupted, and reports those whose attempts are spent (P11). */
  recover(): void {
    this.log.interrupted().forEach(({ seq, author, attempts, message }, place) => {
      // In a queue the first owed turn is the one that was running, whether or not its row says so. Those that only waited
      // have lost no attempt: a message that breaks the object must not take the queue behind it along.
      const begun = place === 0 ? Math.max(attempts, TURN_BEGUN) : attempts;
      if (begun >= this.settings.turnAttempts || this.settings.onMessage === undefined) {
        this.#reportInLog(seq, new ChatError("TURN_INTERRUPTED", undefined, { inReplyTo: message.id }));
        return;
      }
      const attempt = begun + 1;
      if (begun > TURN_WAITS) this.log.countAttempt(seq, attempt);
      const identity = readAuthor(message) ?? { id: author };
      const origin = { sessionId: this.sessionId, identity, message, attempt, seq, inbound: undefined };
      void this.#turns.add(new Turn(origin, this), true);
    });
    if (this.#hasPending()) this.#commits.request();
  }

  /** Writes what waits for the next commit now. */
  flush(): void {
    if (this.#hasPending()) this.#flush();
  }

  /** Forgets the conversation, and sends everyone away to begin anew. */
  clear(): void {
    this.flush();
    this.#turns.clear(new ChatError("TURN_OVER", "The session was cleared."));
    this.log.clear();
    this.#idMemory = undefined;
    for (const peer of this.connections) peer.close("SESSION_CLEARED", "the session was cleared");
  }

  #relay(inbound: Inbound): void {
    const { peer, message } = inbound;
    message.id = this.ephemeralId();
    this.connections.relay(peer, message);
    if (this.settings.onMessage === undefined) this.pipeline.concluded(inbound);
    else void this.#begin(inbound, undefined);
  }

  /** A durable id that is in the log already: the same answer again, or a conflict (P2). */
  #acceptAgain(inbound: Inbound, seq: number, author: string | null): void {
    const { peer, message } = inbound;
    const stored = this.log.get(seq);
    if (stored === undefined || author !== peer.state.identity.id || !sameBody(stored, message)) {
      throw new ChatError("ID_CONFLICT", undefined, { inReplyTo: message.id });
    }
    this.#whenCommitted(() => {
      if (peer.state.dialect === "v1") peer.send(acknowledge(stored, seq, true));
      else peer.send(stringify(stored), stored);
    });
    this.pipeline.concluded(inbound);
  }

  #begin(inbound: Inbound, seq: number | undefined): Promise<void> | undefined {
    const { peer, message } = inbound;
    const { identity } = peer.state;
    const origin = { sessionId: this.sessionId, identity, message, attempt: 1, seq, inbound };
    return this.#turns.add(new Turn(origin, this), seq !== undefined);
  }

  #turnMark(message: ChatMessage): number | null {
    if (this.settings.onMessage === undefined) return NO_TURN;
    return this.#turns.mustWait(message, true) ? TURN_WAITS : TURN_BEGUN;
  }

  #append(entry: NewEntry, body: string) {
    const appended = this.log.append(entry, body);
    this.#memory.remember(entry.message.id, appended.seq, entry.author);
    return appended;
  }

  #conclude(turn: Turn, error?: ChatError): void {
    if (turn.inbound !== undefined) this.pipeline.concluded(turn.inbound, error);
    if (this.#hasPending()) this.#commits.request();
  }

  /** An error that nobody is there to receive goes into the log, and ends the turn there. */
  #reportInLog(seq: number, { code, message: content, inReplyTo }: ChatError): void {
    const metadata = { code, ...(inReplyTo !== undefined && { inReplyTo }) };
    const report = compose({ type: "system", role: "system", content, metadata }, postId(this.log, seq, 0));
    report.timestamp = this.log.now();
    this.#append({ message: report, author: null, ref: seq, turn: ENDS_TURN }, encodeReply(report));
  }

  /** A handler may hand out an id that is taken, its question's for instance; its reply is not lost for that. */
  #freeId(id: string, turn: Turn): string {
    return this.#memory.find(id) === undefined ? id : postId(this.log, turn.seq ?? this.log.head, ++turn.posts);
  }

  #remembersSince(after: string): boolean {
    const cursor = parseCursor(after);
    return cursor?.epoch === this.log.epoch && this.#memory.reachesBackTo(cursor.seq);
  }

  /** Read when it is first needed: whoever only connects need not wait for it (P8). */
  get #memory(): IdMemory {
    this.#idMemory ??= new IdMemory(this.log, Math.min(this.settings.maxStoredMessages, ID_MEMORY));
    return this.#idMemory;
  }

  #hasPending(): boolean {
    return this.log.hasPending || this.#afterCommit.length > 0;
  }

  #whenCommitted(action: () => void): void {
    if (this.#hasPending()) this.#afterCommit.push(action);
    else action();
  }

  #committed(message: ChatMessage): Promise<ChatMessage> {
    return new Promise((resolve) => this.#whenCommitted(() => resolve(message)));
  }

  #flush(): void {
    try {
      if (this.log.hasPending) this.connections.deliver(this.log.commit());
    } catch (error) {
      this.events.broken(error);
      throw error;
    }
    const actions = this.#afterCommit;
    this.#afterCommit = [];
    for (const action of actions) action();
    this.events.committed();
  }
}
