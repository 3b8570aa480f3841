import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError, ERROR_CODES } from "../../protocol/errors.js";
import { createMessageId } from "../../protocol/ids.js";
import type { Account } from "../access/account.js";
import type { Identity } from "../access/identity.js";
import type { Connection } from "../connection/connection.js";
import type { TurnKey } from "../dialects/dialect.js";
import type { Inbound } from "../receive/inbound.js";
import type { ReplyStream, SavedDraft } from "../stream/reply-stream.js";
import type { ReplyStreams } from "../stream/reply-streams.js";
import type { ConversationMessage, Draft } from "./context.js";
import type { ContinuedReply } from "./continued-reply.js";
import type { Regeneration } from "./regeneration.js";

/** Where replies go: to the log and its connections, or to the one connection of a stateless transport. */
export interface ReplySink {
  send(turn: Turn, draft: Draft): boolean;
  post(turn: Turn, draft: Draft): Promise<ChatMessage>;
  readonly streams: ReplyStreams;
  /** Where calls of `context.once` are kept. Default: there is no log. */
  readonly journal?: CallJournal;
  /** What an earlier attempt of the turn has posted, at this place or under this id. */
  findPost?(turn: Turn, suffix: string, id: string): ChatMessage | undefined;
  /** The conversation before a seq. Default: there is no log. */
  history?(before: number, limit: number): ConversationMessage[];
  /**
   * Called before the turn begins. Resolves when it may run, if something must be on disk before.
   *
   * @param others that are running
   */
  begin(turn: Turn, others: readonly Turn[]): Promise<void> | undefined;
  /** Called when the turn has ended with these replies, or with those that an error has cut off. Throws, before anything is appended or sent, if they cannot be encoded. */
  finished(turn: Turn, replies: readonly ChatMessage[], error?: ChatError): void;
  /** Called when the turn has ended with an error. */
  failed(turn: Turn, error: ChatError): void;
}

/** A call of `context.once` that is on disk. */
export interface RecordedCall {
  readonly slot: number;
  /** Whether its result is on disk, too. */
  readonly isFinished: boolean;
}

/** Where the calls of turns are kept through an interruption. */
export interface CallJournal {
  /** Records that a call begins. Resolves with its slot, once that is on disk. */
  begin(turn: Turn, key: string): Promise<number>;
  /** Records its result, as JSON. */
  finish(turn: Turn, key: string, slot: number, result: string): void;
  /** Forgets a call that has failed. */
  forget(turn: Turn, slot: number): void;
  /** The result that was recorded, as JSON; anything else where it cannot be read (P19). */
  read(key: string, slot: number): unknown;
}

/** What a turn is about. */
export interface TurnOrigin {
  sessionId: string;
  identity: Identity;
  message: ChatMessage;
  attempt: number;
  /** The message's place in the log; `undefined` for what is not in it. */
  seq: number | undefined;
  /** Whose messages are in order: the id of an identity, or the account of an anonymous connection. */
  author: unknown;
  /** Whose room it takes; `undefined` where the room is one connection's alone. */
  account?: Account;
  /** The attempt that the message's row holds. */
  recorded?: number;
  /** What was saved of replies that an earlier attempt streamed, by id. */
  saved?: Map<string, SavedDraft>;
  /** The calls of `context.once` that an earlier attempt made, by key. */
  calls?: Map<string, RecordedCall>;
  /** Where what the turn keeps until its end is, apart from its replies. */
  slots?: number[];
  /** What is answered again, if the message asks for that. */
  regeneration?: Regeneration | undefined;
  /** The reply that goes on, if the message is the last answer to its calls. */
  continued?: ContinuedReply | undefined;
  /** The message as it was received; `undefined` where the turn is run again after an interruption. */
  inbound: Inbound | undefined;
}

/** What was saved for a turn that nothing was saved for. */
const NOTHING = new Map<string, SavedDraft>();

/** One run of the handler for one message. Nothing of it is handed to the application. */
export class Turn {
  readonly sessionId: string;
  readonly identity: Identity;
  readonly message: ChatMessage;
  readonly attempt: number;
  readonly seq: number | undefined;
  readonly author: unknown;
  readonly account: Account | undefined;
  readonly inbound: Inbound | undefined;
  readonly regeneration: Regeneration | undefined;
  readonly continued: ContinuedReply | undefined;
  /** The newest `message` that it has posted. */
  posted: ChatMessage | undefined;
  recorded: number;
  /** Whether its message is a tool result that the running turn awaited. */
  isAwaited = false;
  /** Ids of the tool calls that it has posted or sent, for the results that must not wait behind it. */
  readonly toolCalls: string[] = [];
  /** How many envelopes it has posted, and how many replies it has streamed. */
  posts = 0;
  streamed = 0;
  /** What was saved of replies that an earlier attempt streamed, and this one has not begun again, by id. */
  readonly saved: Map<string, SavedDraft>;
  /** Where what it keeps until its end is, apart from its replies. */
  readonly slots: number[];
  /** The replies that it streams. */
  streams: readonly ReplyStream[] = [];
  /** The connections that are to be told when it has ended. */
  awaitedBy: Set<Connection> | undefined;
  /** How many calls of `context.once` are running. */
  runningCalls = 0;
  /** When it began to run, and when the last piece of a reply came or a call of `context.once` began or ended, in milliseconds. */
  startedAt = 0;
  aliveAt = 0;
  timer: number | undefined;
  over = false;
  #calls: Map<string, RecordedCall | Promise<unknown>> | undefined;
  #controller: AbortController | undefined;

  constructor(
    origin: TurnOrigin,
    readonly sink: ReplySink,
  ) {
    this.sessionId = origin.sessionId;
    this.identity = origin.identity;
    this.message = origin.message;
    this.attempt = origin.attempt;
    this.seq = origin.seq;
    this.author = origin.author;
    this.account = origin.account;
    this.recorded = origin.recorded ?? 0;
    this.saved = origin.saved ?? NOTHING;
    this.#calls = origin.calls;
    this.slots = origin.slots ?? [];
    this.inbound = origin.inbound;
    this.regeneration = origin.regeneration;
    this.continued = origin.continued;
  }

  /** What the metadata of its replies says of them. */
  get replyMetadata(): Record<string, unknown> {
    const supersedes = this.regeneration?.supersedes;
    const continues = this.continued?.id;
    return { inReplyTo: this.message.id, ...(supersedes && { supersedes }), ...(continues && { continues }) };
  }

  get key(): TurnKey {
    return this.seq ?? this.message.id;
  }

  /** The calls of `context.once`, by key: on disk, or running. Created on first use: most handlers make none. */
  get calls(): Map<string, RecordedCall | Promise<unknown>> {
    this.#calls ??= new Map();
    return this.#calls;
  }

  /** Created on first use: most handlers never read it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.over) this.#controller.abort();
    return this.#controller.signal;
  }

  /** The id of the next reply that it streams: the same on every attempt. */
  nextStreamId(): string {
    this.streamed += 1;
    return this.seq === undefined ? createMessageId() : streamIdOf(this.message, this.seq, this.streamed);
  }

  /** Whether an id is that of its message, or of a reply that it streams, on whatever attempt. */
  isNamed(id: string): boolean {
    const { message, seq } = this;
    const isReply =
      seq === undefined ? this.streams.some((stream) => stream.id === id) : id.startsWith(streamIdOf(message, seq, ""));
    return message.id === id || isReply;
  }

  /** Whether a tool result may be for a tool call that it has posted or sent. */
  isAnsweredBy({ metadata }: ChatMessage): boolean {
    const call = metadata?.["inReplyTo"];
    return call === undefined ? this.toolCalls.length > 0 : typeof call === "string" && this.toolCalls.includes(call);
  }

  /** A reply that it has streamed is an envelope now, or will be none. */
  release(stream: ReplyStream): void {
    this.streams = this.streams.filter((other) => other !== stream);
    this.sink.streams.close(stream);
  }

  /** Ends the turn. Returns whether it had not ended before. */
  end(reason?: ChatError): boolean {
    if (this.over) return false;
    this.over = true;
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.#controller?.abort(reason ?? new ChatError("TURN_ENDED", ERROR_CODES.TURN_ENDED));
    return true;
  }
}

/** The id of a reply to a message that is streamed, by its place among those of the turn. Short, for each of its frames carries it. */
export function streamIdOf({ timestamp }: ChatMessage, seq: number, place: number | ""): string {
  return `${timestamp.toString(36)}-${seq}-${place}`;
}
