import { readOptions } from "../protocol/options.js";
import { Application } from "./application.js";
import { Connection } from "./connection/connection.js";
import { connectTimeoutAfter } from "./connection/delays.js";
import type { DisconnectKind } from "./connection/disconnect.js";
import type { WebSocketConstructor } from "./connection/socket.js";
import type { ChatClientEvents } from "./events.js";
import { type ChatClientOptions, type ChatClientSettings, count, OPTIONS } from "./options.js";
import { type ChatDraft, createMessage, type ToolAnswer } from "./outbox/draft.js";
import { Replica } from "./replica/replica.js";
import { onResume, requireGlobal } from "./runtime.js";
import type { ChatSnapshot, CloseCause, SentMessage } from "./snapshot.js";
import { Timer } from "./timer.js";
import type { CancelResult } from "./turn-requests.js";
import { isTypingDue } from "./typing-throttle.js";

/** A connection that was live for this long, in milliseconds, resets the back-off. */
const STABLE_AFTER_MS = 10_000;

/**
 * A client of one session over `workkit.chat.v1`. It reconnects by itself, keeps what is sent until it is acked, fetches what
 * was missed, and shows each message once, in the order of the log (P2, P3, P4).
 *
 * @example
 * const client = new ChatClient({ url: "wss://chat.example.com/room-1" });
 * client.subscribe(() => console.log(client.getSnapshot().messages));
 * client.connect();
 * client.send("Hello");
 */
export class ChatClient {
  readonly #settings: ChatClientSettings;
  readonly #application: Application;
  /** When typing was last sent, in milliseconds; `NaN` once a message or the end of the connection has ended it. */
  #typingSentAt = NaN;
  readonly #replica: Replica;
  #connection: Connection | undefined;
  readonly #reconnect = new Timer();
  #stopListening: (() => void) | undefined;
  #attempt = 0;
  /** How many connections in a row have timed out. */
  #timeouts = 0;

  /**
   * Opens nothing, so that a client can be made where there is no `WebSocket`, as on a server that renders the page.
   *
   * @throws ChatError `INVALID_OPTION` for an option that does not exist or has a value that cannot be used
   */
  constructor(options: ChatClientOptions) {
    this.#settings = readOptions(OPTIONS, options);
    this.#application = new Application(this.#settings);
    this.#replica = new Replica(this.#settings, this.#application.emit);

    this.subscribe = this.#replica.view.subscribe;
    this.getSnapshot = this.#replica.view.getSnapshot;
  }

  /**
   * Connects now, also while the client waits to reconnect. An existing connection is checked: one that the platform has closed
   * is replaced, and one that is live has 5 seconds to answer a ping (P9).
   *
   * @throws ChatError `UNSUPPORTED_RUNTIME` if the runtime has no `WebSocket` and the options have none
   */
  connect(): void {
    this.#connection?.probe();
    if (this.#connection) return;
    const {
      webSocket = requireGlobal<WebSocketConstructor>("WebSocket", "prototype", 'Set "webSocket".'),
      connectTimeout,
    } = this.#settings;
    this.#reconnect.clear();
    this.#stopListening ??= onResume(() => this.connect());
    const timeout = connectTimeoutAfter(this.#timeouts, connectTimeout);
    const connection = new Connection(this.#replica, this.#application, timeout, (...end) => this.#onEnd(...end));
    this.#connection = connection;
    this.#replica.view.setStatus("connecting");
    // The storage may hold the cursor to resume from.
    this.#replica.persistence.whenIdle(() => void connection.open(webSocket));
  }

  /** Disconnects until `connect()`. Messages that are sent meanwhile stay `pending`. */
  close(): void {
    this.#connection?.dispose();
    this.#stop({ code: 1000, reason: "Closed." });
  }

  /**
   * Sends a durable message. It shows at once as `pending`, leaves when the client is live, and is sent again until it is acked.
   * It becomes `failed` if it breaks the server's limits, as soon as these are known.
   *
   * @param draft the text, or an envelope without the fields that the client and the server set
   * @returns its id
   * @throws ChatError `INVALID_MESSAGE` for a draft that is not as `ChatDraft` says, `ID_CONFLICT` if the outbox holds the id, `BUSY`
   *   if the outbox is full (`maxOutbox`)
   */
  send(draft: string | ChatDraft): string {
    const message = createMessage(draft);
    this.#replica.outbox.add(message);
    this.#typingSentAt = NaN;
    this.#onOutboxChange();
    return message.id;
  }

  /**
   * Sends a `failed` or `uncertain` message again, as the newest. One that is `sent` and has an `error` is answered again, as by
   * `regenerate`.
   *
   * @returns its id: a new one after `ID_CONFLICT` and for a message that is `uncertain`. `undefined` for any other message
   */
  retry(id: string): string | undefined {
    const next = this.#replica.outbox.retry(id);
    if (next === undefined) return this.#find(id)?.error && this.regenerate(id);
    this.#onOutboxChange();
    return next;
  }

  /**
   * Has the user's newest message answered again. The new reply takes the place of the old one, which is shown until then.
   *
   * It fails with `CONFLICT` if the reply is not the newest, or the author of the message has said more: the message that was named then
   * has that `error`.
   *
   * @param id of the reply, or of a message whose turn failed without one
   * @returns the id by which it can be cancelled; `undefined` if no message of the log that is shown has this id
   * @throws ChatError `BUSY` if the outbox is full (`maxOutbox`)
   */
  regenerate(id: string): string | undefined {
    const { seq } = this.#find(id) ?? {};
    if (seq === undefined) return undefined;
    for (const { id: earlier, state, metadata } of this.#replica.outbox.messages()) {
      const isOfThis = JSON.stringify(metadata?.["regenerates"]) === JSON.stringify({ seq, id });
      if (state !== "pending" && isOfThis) this.#replica.outbox.discard(earlier);
    }
    return this.send({ content: "", metadata: { regenerates: { seq, id } } });
  }

  /**
   * Answers a call of a tool that a reply has left open. The first answer counts: where another window or person was first, this one becomes
   * `failed` with `ALREADY_ANSWERED`. When all calls of the reply are answered, the reply goes on.
   *
   * @param id of the `tool_call` envelope, as `listToolCalls` of `@workkit/chat/page` names it
   * @param answer what the tool has returned, as a text; or whether the user allows the call, `{ approved, reason }`
   * @returns the id of the answer, a `tool_result`
   * @throws ChatError as `send`
   */
  answer(id: string, answer: ToolAnswer): string {
    const { content = "", ...given } = typeof answer === "string" ? { content: answer } : answer;
    return this.send({ type: "tool_result", content, metadata: { ...given, inReplyTo: id } });
  }

  /**
   * Cancels the turn of a message, or a reply that is being generated: what was shown of it is kept. It is asked for again after each
   * reconnect, until the server has answered.
   *
   * @param id of the message or of the reply
   * @returns resolves with `done`; `over` if the turn had ended; `forbidden` if this user may not; `unknown` if there is no such turn, or
   *   the server cannot cancel
   */
  cancel(id: string): Promise<CancelResult> {
    const result = this.#replica.requests.cancel.add(id);
    this.#connection?.request("cancel", id);
    return result;
  }

  /**
   * Waits for the end of the turn of a message of this user that is `sent`, with or without a reply. It is asked for again after each
   * reconnect, until the server has answered. A server of an earlier version never answers.
   *
   * @returns resolves once all that the turn has said is shown
   */
  whenOver(id: string): Promise<void> {
    const result = this.#replica.requests.await.add(id);
    this.#connection?.request("await", id);
    return result;
  }

  /** Removes a message that is `failed`, `uncertain` or was never sent. Returns whether it did: a message that may reach the log stays. */
  discard(id: string): boolean {
    const item = this.#replica.outbox.discard(id);
    if (!item) return false;
    if (item.blocksQueue) this.#connection?.forceReconnect();
    this.#onOutboxChange();
    return true;
  }

  /**
   * Fetches messages from before the first one that is shown. They are shown in addition to `maxMessages`.
   *
   * @param limit default 50, at most 200
   * @returns whether there were any. `false` also if the client is not `live`, or the connection ends
   * @throws ChatError `INVALID_OPTION` for a limit that is no whole number from 1
   */
  async loadOlder(limit = 50): Promise<boolean> {
    count(1)(limit, "limit");
    return this.#connection?.loadOlder(limit) ?? false;
  }

  /**
   * Tells the others that this user types, or has stopped. Call it at each key stroke: at most one frame each 2.5 seconds is
   * sent, and none while the client is not `live`.
   *
   * @param active default `true`
   */
  sendTyping(active = true): void {
    const now = performance.now();
    if (this.getSnapshot().status !== "live" || !isTypingDue(active, this.#typingSentAt, now)) return;
    this.#typingSentAt = active ? now : NaN;
    this.#connection?.send({ type: "typing", content: "", metadata: { active } });
  }

  /** Calls `listener` when `getSnapshot()` has changed. Returns a function that ends this. */
  readonly subscribe: (listener: () => void) => () => void;

  /** What to show now. It is never changed, and is the same object until something in it is new. */
  readonly getSnapshot: () => ChatSnapshot;

  /** Calls `listener` at each event of that name. Returns a function that ends this. */
  on<Name extends keyof ChatClientEvents>(name: Name, listener: (event: ChatClientEvents[Name]) => void): () => void {
    return this.#application.on(name, listener);
  }

  /** The message of the log with this id: the server's, if users have one of the same id. */
  #find(id: string): SentMessage | undefined {
    const { messages } = this.getSnapshot();
    const found = messages.filter((message): message is SentMessage => message.state === "sent" && message.id === id);
    return found.find(({ role }) => role === "assistant") ?? found.at(-1);
  }

  #onOutboxChange(): void {
    this.#replica.view.publish();
    this.#connection?.drainOutbox();
  }

  #onEnd(cause: CloseCause, kind: DisconnectKind, liveFor: number): void {
    if (liveFor >= 0) this.#timeouts = 0;
    if (liveFor >= STABLE_AFTER_MS) this.#attempt = 0;
    this.#typingSentAt = NaN;
    if (kind === "fatal") return this.#stop(cause);
    if (kind === "timeout") this.#timeouts++;
    this.#connection = undefined;
    const attempt = this.#attempt++;
    const delay = kind === "local" && attempt === 0 ? 0 : this.#application.reconnectDelay(attempt);
    this.#reconnect.set(delay, () => this.connect());
    this.#replica.view.setStatus("reconnecting", cause, Date.now() + delay);
  }

  #stop(cause: CloseCause): void {
    this.#reconnect.clear();
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#connection = undefined;
    this.#attempt = 0;
    this.#timeouts = 0;
    this.#replica.view.setStatus("closed", cause);
  }
}
