import { ANONYMOUS_ID, type Author, type ChatMessage } from "../../protocol/envelope.js";
import type {
  AckFrame,
  DeltaFrame,
  HelloFrame,
  HistoryFrame,
  SequencedMessage,
  StreamFrame,
} from "../../protocol/frames.js";
import type { Emit } from "../events.js";
import { readAuthor, readErrorInfo, type UnknownFrame } from "../frame-reader.js";
import { toKey } from "../message-key.js";
import type { ChatClientSettings } from "../options.js";
import { Outbox, type OutgoingMessage } from "../outbox/outbox.js";
import type { ChatErrorInfo, ChatGap, SentMessage } from "../snapshot.js";
import { LOAD_KEY, Persistence } from "../storage/persistence.js";
import { loadSavedChat } from "../storage/saved-chat.js";
import type { SavedChat } from "../storage/storage.js";
import { type CancelResult, TurnRequests } from "../turn-requests.js";
import { type Cursor, formatCursor } from "./cursor.js";
import { LiveState } from "./live-state.js";
import { ShownMessages } from "./shown-messages.js";
import { SnapshotView } from "./snapshot-view.js";
import { Streams } from "./streams.js";
import { TailCache } from "./tail-cache.js";
import { Timeline } from "./timeline.js";

/** What is known of a turn that had failed before this client connected. */
const TURN_FAILED: ChatErrorInfo = { code: "TURN_FAILED", text: "This was not answered." };

type ReplicaSettings = Pick<ChatClientSettings, "maxMessages" | "maxOutbox" | "storage" | "cacheMessages">;

/** A replica's frames: the envelopes, acks, and what is unknown. `frame-reader.ts` has checked them. */
export type ReplicaFrame = AckFrame | UnknownFrame | (ChatMessage & { seq?: number | undefined });

/**
 * The conversation as this client knows it, over all its connections. It applies each envelope of the log once, in order (P3, P4).
 * A method that applies a frame returns `false` if a frame before it was lost, which only a reconnect brings back.
 */
export class Replica {
  readonly persistence: Persistence;
  readonly outbox: Outbox;
  readonly view: SnapshotView;
  readonly requests = { cancel: new TurnRequests<CancelResult>(), await: new TurnRequests<void>() };
  readonly #timeline: Timeline;
  readonly #streams = new Streams(() => this.#publish());
  readonly #shown = new ShownMessages();
  readonly #live = new LiveState(() => this.#publish());
  readonly #cache: TailCache | undefined;
  readonly #emit: Emit;
  #cursor: Cursor | undefined;
  /** The seq of the first message that the log has, as the server last said. */
  #logStart = 0;
  /** Set while pages are outstanding: acks may then run ahead of the cursor. */
  #isReplaying = false;
  /** Unset until the last page of a connection's replay. A slow reader that the server pages again stays up to date. */
  #isUpToDate = true;
  #identity: Author | undefined;
  #gap: ChatGap | undefined;

  constructor(settings: ReplicaSettings, emit: Emit) {
    // A storage may fail in the constructor, before the application can listen.
    const report = (code: string, text: string) => queueMicrotask(() => emit("error", { code, text }));
    this.persistence = new Persistence(settings.storage, report);
    this.outbox = new Outbox(settings.maxOutbox, this.persistence);
    this.#timeline = new Timeline(settings.maxMessages);
    this.#emit = emit;
    this.view = new SnapshotView(() => ({
      messages: this.#shown.list([...this.#timeline.messages, ...this.#streams.list(), ...this.outbox.messages()]),
      hasOlder: this.hasOlder,
      gap: this.#gap,
      identity: this.#identity,
      ...this.#live.read(),
    }));
    if (settings.cacheMessages > 0) {
      this.#cache = new TailCache(this.persistence, () => {
        const messages = this.#timeline.messages.filter((message) => message.state === "sent");
        return (
          this.#cursor && {
            ...this.#cursor,
            messages: messages.slice(-settings.cacheMessages),
            identity: this.#identity,
          }
        );
      });
    }
    const onLoad = (chat: SavedChat, isComplete: boolean) => {
      if (!isComplete) report("STORAGE_FAILED", "The storage failed: unreadable entries.");
      this.#restore(chat);
    };
    loadSavedChat(this.persistence, onLoad, LOAD_KEY);
  }

  /** Up to where the log was read. */
  get cursor(): Cursor | undefined {
    return this.#cursor;
  }

  /** Whether the log has messages before the first that is shown. */
  get hasOlder(): boolean {
    return this.#logStart > 0 && this.#timeline.firstSeq > this.#logStart;
  }

  /** The next message of the outbox to send. It is in flight from then on. */
  next(): OutgoingMessage | undefined {
    return this.#cursor && this.outbox.next(formatCursor(this.#cursor), performance.now());
  }

  /** Reserves room for older messages. Returns the seq before which to request them. */
  reserveOlder(count: number): number {
    this.#timeline.reserve(count);
    return this.#timeline.firstSeq;
  }

  /** Starts a connection. What it does not continue is dropped (P4). */
  applyHello({ sessionId, connectionId, epoch, head, tail, replayFrom, resume, identity }: HelloFrame): void {
    const seq = replayFrom - 1;
    const last = this.#cursor;
    if (resume !== "complete" || last?.epoch !== epoch || last.seq !== seq) {
      this.#timeline.reset(replayFrom);
      if (last) this.#gap = { upTo: seq, cleared: last.epoch !== epoch };
      this.#cursor = { epoch, seq };
    }
    this.#streams.clear();
    this.#logStart = tail;
    this.#identity = identity;
    this.outbox.setScope({ author: identity.id, sessionId }, connectionId);
    const stored = this.outbox.stored();
    loadSavedChat(this.persistence, ({ messages }, isComplete) => {
      if (isComplete) this.outbox.refresh(stored, messages);
    });
    this.#isReplaying = seq < head;
    this.#isUpToDate = !this.#isReplaying;
  }

  /** The server has renewed the identity, perhaps under a new name. */
  setIdentity(identity: Author): void {
    if (identity.id !== this.#identity?.id) return;
    this.#identity = identity;
    this.view.publish();
  }

  /** The replay is complete, or there was none. */
  goLive(): void {
    // After the storage has said what other pages have sent, and before anything is sent from here.
    this.outbox.rejectForeign();
    this.view.setStatus("live");
  }

  apply(frame: ReplicaFrame): boolean {
    if (frame.type === "ack") return this.#applyAck(frame);
    const { seq } = frame;
    // A frame of a later version moves the cursor, too (PROTOCOL.md, "The client's cursor").
    if (frame.type === "unknown") this.#advance(seq);
    else if (seq === undefined) this.#applyEphemeral(frame);
    else if (this.#advance(seq, frame.timestamp)) this.#insert(this.#toSent({ ...frame, seq }));
    return this.#isComplete(seq);
  }

  /** Applies a frame of a reply that is being generated. */
  applyStream(frame: StreamFrame | DeltaFrame): void {
    this.#streams.apply(frame);
  }

  #applyAck({ id, seq, timestamp }: AckFrame): boolean {
    // An ack that cannot be true confirms nothing: the message is sent again on the next connection, whose answer decides.
    if (!this.#timeline.canPut(id, seq) || !this.#isComplete(seq - 1)) return false;
    const message = this.outbox.confirm(id);
    if (!message) return this.#isRead(seq);
    const metadata = { ...message.metadata, from: this.#identity };
    const sent: SentMessage = { ...message, timestamp, seq, metadata, state: "sent" };
    if (this.#advance(seq, timestamp)) this.#insert(sent);
    else this.#timeline.put(sent);
    this.#publish();
    return true;
  }

  /** A page of the replay is complete, and is shown at once. While there are `more`, acks may run ahead of the cursor. */
  endPage(seq: number, more: boolean): boolean {
    if (!this.#isRead(seq)) return false;
    this.#isReplaying = more;
    this.#isUpToDate ||= !more;
    this.view.publish();
    return true;
  }

  /** Applies the answer to a request for older messages. Returns whether it has any; one that was not requested is ignored. */
  applyHistory({ before, messages, more }: HistoryFrame): boolean {
    const { length } = messages;
    const isRequested = before === this.#timeline.firstSeq && length <= this.#timeline.reserved;
    if (!isRequested || messages.some(({ seq }, at) => seq !== before - length + at)) return false;
    this.#timeline.prepend(messages.map((message) => this.#toSent(message)));
    if (!more) this.#logStart = this.#timeline.firstSeq;
    this.view.publish();
    return length > 0;
  }

  /** Applies an error to the message that it names: one of the outbox fails, one of the log keeps its place. */
  applyError(error: ChatErrorInfo): void {
    const { inReplyTo, inReplyToSeq } = error;
    const own = this.#identity?.id;
    if (inReplyToSeq) this.#timeline.setError(({ seq }) => seq === inReplyToSeq, error);
    else if (inReplyTo && !this.outbox.fail(inReplyTo, error)) {
      this.#timeline.setError((message) => message.id === inReplyTo && readAuthor(message)?.id === own, error);
    }
    this.#publish();
    this.#emit("error", error);
  }

  endConnection(): void {
    this.#isReplaying = false;
    this.outbox.clearInFlight();
    this.#live.clear();
    this.#cache?.flush();
  }

  /** Publishes a change, unless it belongs to a page that is still being replayed. */
  #publish(): void {
    if (this.#isUpToDate) this.view.publish();
  }

  #restore({ messages, cachedTail: tail }: SavedChat): void {
    this.outbox.restore(messages);
    this.outbox.rejectForeign();
    // A storage that answers late knows less than the server has said since.
    if (tail && !this.#cursor) {
      this.#cursor = tail;
      this.#identity = tail.identity;
      this.#timeline.reset(tail.messages[0]?.seq ?? tail.seq + 1, tail.messages);
    }
    this.view.publish();
  }

  /** The log has the client's own messages, too. One that is found there needs no ack. */
  #toSent(envelope: SequencedMessage): SentMessage {
    const author = readAuthor(envelope);
    const own = author && this.outbox.confirm(envelope.id, author.id, envelope);
    // A client may choose the id of a reply for its message: only an envelope of the server ends a stream.
    const shown = author ? own?.key : this.#streams.end(envelope.id);
    const sent: SentMessage = { ...envelope, state: "sent", key: shown ?? toKey(envelope) };
    return author && envelope.metadata?.["failed"] === true ? { ...sent, error: TURN_FAILED } : sent;
  }

  #applyEphemeral(envelope: ChatMessage): void {
    if (envelope.type === "typing") {
      const author = readAuthor(envelope)?.id;
      // The same identity is this user in another window; all anonymous users have one id.
      if (author !== this.#identity?.id || author === ANONYMOUS_ID) this.#live.apply(envelope);
      this.#emit("typing", envelope);
    } else {
      this.#timeline.add(envelope);
      this.#live.apply(envelope);
      this.#publish();
    }
  }

  #insert(message: SentMessage): void {
    this.#timeline.put(message);
    const { inReplyToSeq } = message.metadata ?? {};
    // The report of a failure that no connection was there to receive.
    if (message.type === "system" && inReplyToSeq)
      this.#timeline.setError(({ seq }) => seq === inReplyToSeq, readErrorInfo(message));
    this.#live.apply(message);
    this.#publish();
    const { state: _, key: __, ...envelope } = message;
    this.#emit("message", { ...envelope, live: this.#isUpToDate });
  }

  /** Moves the cursor to the next seq. Returns whether this was the next. PROTOCOL.md, "The client's cursor". */
  #advance(seq: number | undefined, timestamp?: number): boolean {
    if (!this.#cursor || seq !== this.#cursor.seq + 1) return false;
    this.#cursor = { epoch: this.#cursor.epoch, seq, timestamp };
    this.#cache?.scheduleWrite();
    return true;
  }

  #isRead(seq: number): boolean {
    return seq <= (this.#cursor?.seq ?? -1);
  }

  /** Whether nothing is missing up to a seq. A hole in the replay shows at the end of its page; an ack may run ahead until then. */
  #isComplete(seq = 0): boolean {
    return this.#isReplaying || this.#isRead(seq);
  }
}
