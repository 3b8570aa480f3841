import { Application } from "./application.js";
import { Connection, type DisconnectKind } from "./connection/connection.js";
import type { WebSocketConstructor } from "./connection/socket.js";
import { type ChatDraft, createMessage } from "./draft.js";
import type { ChatClientEvents } from "./events.js";
import { type ChatClientOptions, checkOption, checkOptions } from "./options.js";
import { Replica } from "./replica/replica.js";
import { TypingThrottle } from "./replica/typing.js";
import { onResume, requireGlobal } from "./runtime.js";
import type { ChatSnapshot, CloseCause } from "./snapshot.js";
import { Timer } from "./timer.js";

/** A connection that was live for this long, in milliseconds, was a good one: the next back-off starts from the beginning. */
const STABLE_AFTER_MS = 10_000;

/** How often `connectTimeout` is doubled at most. */
const MAX_TIMEOUT_DOUBLINGS = 3;

/**
 * A conversation over `workkit.chat.v1`, through as many WebSockets as it takes. What is sent is kept until the log has it,
 * what was missed is fetched, and every message shows once, in the order of the log.
 *
 * @example
 * const client = new ChatClient({ url: "wss://chat.example.com/room-1" });
 * client.subscribe(() => console.log(client.getSnapshot().messages));
 * client.connect();
 * client.send("Hello");
 */
export class ChatClient {
  readonly #options: ChatClientOptions;
  readonly #application: Application;
  readonly #throttle = new TypingThrottle();
  readonly #replica: Replica;
  #connection: Connection | undefined;
  readonly #reconnect = new Timer();
  #stopResumeListener: (() => void) | undefined;
  #attempt = 0;
  /** How often the last connections took too long, one after the other. */
  #timeouts = 0;

  /** @throws ChatError `INVALID_OPTION` */
  constructor(options: ChatClientOptions) {
    checkOptions(options);
    this.#options = options;
    this.#application = new Application(options);
    this.#replica = new Replica(options, this.#application.emit);
  }

  /**
   * Connects now, also in the middle of a wait. Where there is a connection it is checked: one that the platform has lost is
   * replaced, and one that is live is asked for a sign of life.
   *
   * @throws ChatError `UNSUPPORTED_RUNTIME` where there is no `WebSocket` and none was given
   */
  connect(): void {
    this.#connection?.probe();
    if (this.#connection) return;
    // Looked for here, so that a client can be made where there is none: on a server that renders the page.
    const {
      webSocket = requireGlobal<WebSocketConstructor>("WebSocket", "prototype", ': give "webSocket"'),
      connectTimeout = 10_000,
    } = this.#options;
    this.#reconnect.clear();
    this.#stopResumeListener ??= onResume(() => this.connect());
    const timeout = connectTimeout * 2 ** Math.min(MAX_TIMEOUT_DOUBLINGS, this.#timeouts);
    const connection = new Connection(this.#replica, this.#application, timeout, (...how) => this.#ended(...how));
    this.#connection = connection;
    this.#replica.setStatus("connecting");
    // What the storage holds says where to resume.
    this.#replica.persistence.whenIdle(() => void connection.open(webSocket));
  }

  /** Disconnects until `connect()`. What is sent meanwhile waits. */
  close(): void {
    this.#connection?.dispose();
    this.#stop({ code: 1000, reason: "Closed." });
  }

  /**
   * Says something durable. It shows at once as `pending`, is sent when the connection is live, and again until it is acked.
   * One that breaks the server's limits becomes `failed` as soon as these are known.
   *
   * @returns its id
   * @throws ChatError `INVALID_MESSAGE` for what is no message, `ID_CONFLICT`, or `BUSY` when the outbox is full
   */
  send(draft: string | ChatDraft): string {
    const message = createMessage(draft);
    this.#replica.outbox.add(message);
    this.#throttle.reset();
    this.#outboxChanged();
    return message.id;
  }

  /** Sends a `failed` or `uncertain` message again. Returns its id, a new one after `ID_CONFLICT` and for one that is `uncertain`; nothing if it is neither. */
  retry(id: string): string | undefined {
    const next = this.#replica.outbox.retry(id);
    if (next !== undefined) this.#outboxChanged();
    return next;
  }

  /** Takes back what `failed`, is `uncertain` or has not been sent. Whether it did: what may reach the log stays. */
  discard(id: string): boolean {
    const held = this.#replica.outbox.holds(id);
    const discarded = this.#replica.outbox.discard(id);
    if (discarded) {
      if (held) this.#connection?.forceReconnect();
      this.#outboxChanged();
    }
    return discarded;
  }

  /**
   * Fetches messages from before the first one that is shown, at most `limit` and 200. `maxMessages` grows by as many.
   *
   * @returns whether there were any; `false` also while the client is not `live`
   * @throws ChatError `INVALID_OPTION` for a limit that is no whole number over 0
   */
  async loadOlder(limit = 50): Promise<boolean> {
    checkOption("limit", limit, 1);
    return this.#connection?.loadOlder(limit) ?? false;
  }

  /** Tells the others that this user types, or no longer does. Call it at every key stroke: little of it is sent. */
  sendTyping(active = true): void {
    if (this.getSnapshot().status !== "live" || !this.#throttle.admits(active, performance.now())) return;
    this.#connection?.send({ type: "typing", content: "", metadata: { active } });
  }

  /** Calls `listener` when `getSnapshot()` has something new. Returns how to end that. */
  readonly subscribe = (listener: () => void): (() => void) => this.#replica.subscribe(listener);

  /** What to show now: the same object for as long as nothing changes. */
  readonly getSnapshot = (): ChatSnapshot => this.#replica.getSnapshot();

  /** Calls `listener` at each event of that name. Returns how to end that. */
  on<Name extends keyof ChatClientEvents>(name: Name, listener: (event: ChatClientEvents[Name]) => void): () => void {
    return this.#application.on(name, listener);
  }

  #outboxChanged(): void {
    this.#replica.publish();
    this.#connection?.drainOutbox();
  }

  #ended(cause: CloseCause, ending: DisconnectKind, liveSince?: number): void {
    if (liveSince !== undefined) {
      this.#timeouts = 0;
      if (performance.now() - liveSince >= STABLE_AFTER_MS) this.#attempt = 0;
    }
    this.#throttle.reset();
    if (ending === "fatal") return this.#stop(cause);
    if (ending === "timeout") this.#timeouts++;
    this.#connection = undefined;
    const attempt = this.#attempt++;
    // Those whom the server has cut off come back one by one; this one comes alone, and at once.
    const delay = ending === "local" && attempt === 0 ? 0 : this.#application.reconnectDelay(attempt);
    this.#reconnect.set(delay, () => this.connect());
    this.#replica.setStatus("reconnecting", cause, Date.now() + delay);
  }

  #stop(cause: CloseCause): void {
    this.#reconnect.clear();
    this.#stopResumeListener?.();
    this.#stopResumeListener = undefined;
    this.#connection = undefined;
    this.#attempt = 0;
    this.#timeouts = 0;
    this.#replica.setStatus("closed", cause);
  }
}
