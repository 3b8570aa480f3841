import { ANONYMOUS_ID, type Author, type ChatMessage } from "../../protocol/envelope.js";
import type { AckFrame, HelloFrame, HistoryFrame, SequencedMessage } from "../../protocol/frames.js";
import type { Emit } from "../events.js";
import { readAuthor } from "../frame-reader.js";
import { Listeners } from "../listeners.js";
import { toKey } from "../message-key.js";
import type { ChatClientOptions } from "../options.js";
import { Outbox, type OutgoingMessage } from "../outbox/outbox.js";
import { IDLE, reuse } from "../shown.js";
import type { ChatErrorInfo, ChatGap, ChatSnapshot, ClientStatus, CloseCause, SentMessage } from "../snapshot.js";
import { Persistence } from "../storage/persistence.js";
import { readSavedChat } from "../storage/saved-chat.js";
import type { SavedChat } from "../storage/storage.js";
import { Timer } from "../timer.js";
import { type Cursor, formatCursor } from "./cursor.js";
import { Timeline } from "./timeline.js";
import { TypingUsers } from "./typing.js";

/** How long what has changed may wait to be cached, in milliseconds: a busy room must not write all the time. */
const CACHE_DELAY = 500;

/** The keys of what is no message, for the persistence; those of messages are their ids. */
const LOADED = 0;
const PAGE = 1;

/** What of a store is the application's choice. */
type ReplicaOptions = Pick<ChatClientOptions, "maxMessages" | "maxOutbox" | "storage" | "cacheMessages">;

/** The conversation as this client knows it, over all of its connections. It applies each envelope of the log once, in order. */
export class Replica {
  readonly outbox: Outbox;
  readonly persistence: Persistence;
  readonly #timeline: Timeline;
  readonly #typing = new TypingUsers(() => this.changed());
  readonly #listeners = new Listeners<void>();
  readonly #emit: Emit;
  readonly #cacheMessages: number;
  readonly #caching = new Timer();
  #cursor: Cursor | undefined;
  /** Where the log began when this was last heard of. */
  #tail = 0;
  /** Set while pages are outstanding: acks may then run ahead of the cursor. */
  #replaying = false;
  #connection: Pick<ChatSnapshot, "status" | "reason" | "retryAt"> = IDLE;
  #identity: Author | undefined;
  #gap: ChatGap | undefined;
  /** What is shown now, once it was asked for; and what was shown last. */
  #snapshot: ChatSnapshot | undefined;
  #last: ChatSnapshot | undefined;

  /** @param tell is given what comes off the wire once it has its place, and what goes wrong. */
  constructor({ maxMessages = 1_000, maxOutbox = 1_000, cacheMessages = 0, storage }: ReplicaOptions, tell: Emit) {
    // Later: a storage may fail in the constructor, before anything can listen.
    const report = (code: string, text: string) => queueMicrotask(() => tell("error", { code, text }));
    this.persistence = new Persistence(storage, report);
    this.outbox = new Outbox(maxOutbox, this.persistence);
    this.#timeline = new Timeline(maxMessages);
    this.#cacheMessages = cacheMessages;
    this.#emit = tell;
    this.#load((chat, isWhole) => {
      if (!isWhole) report("STORAGE_FAILED", "The storage holds junk.");
      this.#restore(chat);
    }, LOADED);
  }

  /** Up to where the log has been read. */
  get cursor(): Cursor | undefined {
    return this.#cursor;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  readonly getSnapshot = (): ChatSnapshot => {
    this.#snapshot ??= this.#last = {
      messages: reuse(this.#last?.messages, [...this.#timeline.messages, ...this.outbox.messages()]),
      hasOlder: this.hasOlder,
      ...this.#connection,
      gap: this.#gap,
      identity: this.#identity,
      typing: reuse(this.#last?.typing, this.#typing.list()),
    };
    return this.#snapshot;
  };

  /** Whether the log has messages before those that are shown. */
  get hasOlder(): boolean {
    return this.#tail > 0 && this.#timeline.floor >= this.#tail;
  }

  /** Takes the next message of one's own to send now. */
  next(): OutgoingMessage | undefined {
    return this.#cursor && this.outbox.next(formatCursor(this.#cursor), performance.now());
  }

  /** Makes room for older messages. Returns the seq before which they are wanted. */
  reserveOlder(count: number): number {
    this.#timeline.reserve(count);
    return this.#firstSeq;
  }

  /** A connection begins. Whatever it does not continue is dropped (P4). */
  applyHello({ sessionId, connectionId, epoch, head, tail, replayFrom, resume, identity }: HelloFrame): void {
    const seq = replayFrom - 1;
    const last = this.#cursor;
    if (resume !== "complete" || last?.epoch !== epoch || last.seq !== seq) {
      this.#timeline.reset(seq);
      if (last) this.#gap = { upTo: seq, cleared: last.epoch !== epoch };
      this.#cursor = { epoch, seq };
    }
    this.#tail = tail;
    this.#identity = identity;
    this.outbox.setScope({ author: identity.id, sessionId }, connectionId);
    const shared = this.outbox.stored();
    this.#load(({ messages }, isWhole) => {
      if (isWhole) this.outbox.refresh(shared, messages);
    });
    this.#replaying = seq < head;
  }

  /** Who this is has a new name. */
  setIdentity(identity: Author): void {
    if (identity.id !== this.#identity?.id) return;
    this.#identity = identity;
    this.publish();
  }

  /** The replay is over, or there was none. */
  goLive(): void {
    // Now that it is known what other pages have made of what is kept, and before any of it is sent.
    this.outbox.rejectForeign();
    this.setStatus("live");
  }

  /** A frame with a seq that says nothing else. False, here and below, if something was lost: only a reconnect brings it back. */
  applyUnknown(seq?: number): boolean {
    this.#advance(seq);
    return this.#isComplete(seq);
  }

  /** An envelope that others or the server wrote, or a replayed one of one's own. */
  applyEnvelope(envelope: ChatMessage & { seq?: number | undefined }): boolean {
    const { seq } = envelope;
    if (seq === undefined) this.#applyEphemeral(envelope);
    else if (this.#advance(seq, envelope.timestamp)) this.#insert(this.#toSent({ ...envelope, seq }));
    return this.#isComplete(seq);
  }

  applyAck({ id, seq, timestamp }: AckFrame): boolean {
    // One that says what cannot be settles nothing: the message is sent again, and asked about, on the next connection.
    if (!this.#timeline.canPut(id, seq) || !this.#isComplete(seq - 1)) return false;
    const message = this.outbox.confirm(id);
    if (!message) return this.#isRead(seq);
    const metadata = { ...message.metadata, from: this.#identity };
    const sent: SentMessage = { ...message, timestamp, seq, metadata, state: "sent" };
    if (this.#advance(seq, timestamp)) this.#insert(sent);
    else this.#timeline.put(sent);
    this.changed();
    return true;
  }

  /** A page has ended; what was in it is shown at once. While there are `more`, acks may run ahead of the cursor. */
  endPage(seq: number, more: boolean): boolean {
    if (!this.#isRead(seq)) return false;
    this.#replaying = more;
    this.publish();
    return true;
  }

  /** Older messages that were asked for. Whether there are any. */
  applyHistory({ before, messages, more }: HistoryFrame): boolean {
    const { length } = messages;
    const isAsked = before === this.#firstSeq && length <= this.#timeline.reserved;
    if (!isAsked || messages.some(({ seq }, at) => seq !== before - length + at)) return false;
    this.#timeline.prepend(messages.map((message) => this.#toSent(message)));
    if (!more) this.#tail = this.#firstSeq;
    this.publish();
    return length > 0;
  }

  /** A message of one's own cannot go, or what came of it failed. */
  applyError(problem: ChatErrorInfo): void {
    const { inReplyTo, inReplyToSeq } = problem;
    const own = this.#identity?.id;
    if (inReplyToSeq) this.#timeline.setError(({ seq }) => seq === inReplyToSeq, problem);
    else if (inReplyTo && !this.outbox.fail(inReplyTo, problem)) {
      this.#timeline.setError((message) => message.id === inReplyTo && readAuthor(message)?.id === own, problem);
    }
    this.changed();
    this.#emit("error", problem);
  }

  endConnection(): void {
    this.#replaying = false;
    this.outbox.clearInFlight();
    this.#typing.clear();
    if (this.#caching.isSet) this.#cache();
  }

  setStatus(status: ClientStatus, reason?: CloseCause, retryAt?: number): void {
    this.#connection = { status, reason, retryAt };
    this.publish();
  }

  /** The snapshot has changed; before the connection is live that is published at the end of the page. */
  changed(): void {
    if (this.#isLive) this.publish();
  }

  /** Not so while what was missed is replayed; but a slow reader that goes on by pages is live all the same. */
  get #isLive(): boolean {
    return !this.#replaying || this.#connection.status === "live";
  }

  /** Shows anew what is there, replay or not: what this client itself says must not wait. */
  publish(): void {
    this.#snapshot = undefined;
    this.#listeners.emit();
  }

  /** The seq of the first message that is shown, or would be. */
  get #firstSeq(): number {
    return this.#timeline.floor + 1;
  }

  #load(then: (chat: SavedChat, isWhole: boolean) => void, key?: number): void {
    this.persistence.run(
      (from) => from.load(),
      (saved) => {
        const { chat, isWhole } = readSavedChat(saved);
        then(chat, isWhole);
      },
      key,
    );
  }

  #restore({ messages, cachedTail: page }: SavedChat): void {
    this.outbox.restore(messages);
    this.outbox.rejectForeign();
    // A storage that works late knows less than what was heard since.
    if (page && !this.#cursor) {
      const { epoch, seq, timestamp } = page;
      this.#cursor = { epoch, seq, timestamp };
      this.#identity = page.identity;
      this.#timeline.reset((page.messages[0]?.seq ?? seq + 1) - 1, page.messages);
    }
    this.publish();
  }

  #cache(): void {
    this.#caching.clear();
    const messages = this.#timeline.messages.filter((message) => message.state === "sent").slice(-this.#cacheMessages);
    const page = this.#cursor && { ...this.#cursor, messages, identity: this.#identity };
    if (page) this.persistence.run((to) => to.saveCachedTail(page), undefined, PAGE, true);
  }

  /** The log holds what this client said, too: seen there, it needs no ack any more. */
  #toSent(envelope: SequencedMessage): SentMessage {
    const author = readAuthor(envelope);
    const own = author && this.outbox.confirm(envelope.id, author.id, envelope);
    return { ...envelope, state: "sent", key: own?.key ?? toKey(envelope) };
  }

  #applyEphemeral(envelope: ChatMessage): void {
    if (envelope.type === "typing") {
      const author = readAuthor(envelope)?.id;
      // Another window of one's own; anonymous users have one id together.
      if (author !== this.#identity?.id || author === ANONYMOUS_ID) this.#typing.applyTyping(envelope);
      this.#emit("typing", envelope);
    } else {
      this.#timeline.add(envelope);
      this.#typing.remove(envelope);
      this.changed();
    }
  }

  #insert(message: SentMessage): void {
    this.#timeline.put(message);
    this.#typing.remove(message);
    this.changed();
    const { state: _, key: __, ...envelope } = message;
    this.#emit("message", { ...envelope, live: this.#isLive });
  }

  /** Moves the cursor to a seq that comes next. Whether it did. PROTOCOL.md, "The client's cursor". */
  #advance(seq: number | undefined, timestamp?: number): boolean {
    if (!this.#cursor || seq !== this.#cursor.seq + 1) return false;
    this.#cursor = { ...this.#cursor, seq, timestamp };
    if (this.#cacheMessages > 0 && !this.#caching.isSet) this.#caching.set(CACHE_DELAY, () => this.#cache());
    return true;
  }

  #isRead(seq: number): boolean {
    return seq <= (this.#cursor?.seq ?? -1);
  }

  /** Whether nothing is missing up to a seq. A hole in the replay shows at the end of its page: until then an ack may run ahead. */
  #isComplete(seq = 0): boolean {
    return this.#replaying || this.#isRead(seq);
  }
}
