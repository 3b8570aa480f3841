import { ChatError } from "../protocol/errors.js";
import { resolveAddress, type Source } from "./address.js";
import { backoffDelay } from "./backoff.js";
import { Connection, type Ending } from "./connection.js";
import { type ChatDraft, compose } from "./draft.js";
import { type ChatClientEvents, Events } from "./events.js";
import { find, onWake } from "./signals.js";
import type { ChatSnapshot, CloseCause } from "./snapshot.js";
import type { WebSocketConstructor } from "./socket.js";
import type { ChatStorage } from "./storage.js";
import { Store } from "./store.js";
import { Timer } from "./timer.js";
import { TypingThrottle } from "./typing.js";

/** A connection that was live for this long, in milliseconds, was a good one: the next back-off starts from the beginning. */
const LASTING = 10_000;

/** How a client is set up. */
export interface ChatClientOptions {
  /** The session's URL, `wss:` or `https:`. A function is asked anew for each connection. */
  url: Source;
  /** An access token, or how to get one for each connection. It travels as a subprotocol: the server's `readToken` reads it. */
  token?: Source;
  /** Default: the runtime's own. */
  webSocket?: WebSocketConstructor;
  /** Milliseconds up to the server's hello, and then from frame to frame of what was missed. Default 10,000. */
  connectTimeout?: number;
  /** Messages of the log that are kept to be shown, the newest. Default 1,000. */
  maxMessages?: number;
  /** One's own messages that may wait to be acked. Default 1,000. */
  maxOutbox?: number;
  /** Where unsent messages outlive the page: `webStorage`, `indexedDbStorage` or your own. Default: nowhere. */
  storage?: ChatStorage;
  /** Messages of the log that the storage keeps as well, the newest, to be shown before the network answers. Default 0. */
  cacheMessages?: number;
  /** Milliseconds to wait before a reconnect; `attempt` counts from 0. Default `backoffDelay`. */
  backoff?: (attempt: number) => number;
}

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
  readonly #events = new Events();
  readonly #throttle = new TypingThrottle();
  readonly #store: Store;
  #connection: Connection | undefined;
  /** The last connection that was greeted: whatever is still on its way was sent there. */
  #connectionId: string | undefined;
  readonly #reconnect = new Timer();
  #sleep: (() => void) | undefined;
  #attempt = 0;
  #liveSince: number | undefined;

  /** @throws ChatError `INVALID_OPTION` */
  constructor(options: ChatClientOptions) {
    const { url, storage } = options;
    const { maxMessages = 1_000, maxOutbox = 1_000, cacheMessages = 0 } = options;
    if (typeof url !== "string" && typeof url !== "function") {
      throw new ChatError(
        "INVALID_OPTION",
        '"url" must be a string, or a function that returns one or a promise of one.',
      );
    }
    for (const [name, value] of Object.entries({ maxMessages, maxOutbox, cacheMessages })) {
      if (Number.isInteger(value) && value >= 0) continue;
      throw new ChatError("INVALID_OPTION", `"${name}" must be a whole number from 0, not ${value}.`);
    }
    this.#options = options;
    const { tell } = this.#events;
    this.#store = new Store(
      { maxMessages, maxOutbox, storage, cacheMessages },
      {
        message: (message) => tell("message", message),
        typing: (envelope) => tell("typing", envelope),
        error: (problem) => tell("error", problem),
      },
    );
  }

  /**
   * Connects now, also in the middle of a wait; does nothing while a connection is there or on its way.
   *
   * @throws ChatError `UNSUPPORTED_RUNTIME` where there is no `WebSocket` and none was given
   */
  connect(): void {
    if (this.#connection !== undefined) return;
    // Looked for here, so that a client can be made where there is none: on a server that renders the page.
    const { webSocket = find("WebSocket") } = this.#options;
    if (!isConstructor(webSocket)) {
      throw new ChatError("UNSUPPORTED_RUNTIME", 'There is no WebSocket here: give a constructor as "webSocket".');
    }
    this.#reconnect.clear();
    this.#sleep ??= onWake(() => this.#wake());
    const { url, token, connectTimeout = 10_000 } = this.#options;
    const { tell } = this.#events;
    const connection = new Connection(this.#store, connectTimeout, {
      hello: (hello) => {
        this.#connectionId = hello.connectionId;
        tell("hello", hello);
      },
      live: () => {
        this.#liveSince = performance.now();
      },
      frame: (frame) => tell("frame", frame),
      renew: () => (typeof token === "function" ? token() : undefined),
      ended: (cause, ending) => this.#ended(cause, ending),
    });
    this.#connection = connection;
    this.#store.show("connecting");
    // What the storage holds says where to resume.
    this.#store.persistence.whenDone(() => {
      if (this.#connection !== connection) return;
      const replaced = new Set(this.#store.outbox.connections());
      if (this.#connectionId !== undefined) replaced.add(this.#connectionId);
      void connection.open(resolveAddress(url, token, this.#store.cursor, replaced), webSocket);
    });
  }

  /** Disconnects until `connect()`. What is sent meanwhile waits. */
  close(): void {
    this.#connection?.release();
    this.#stop({ code: 1000, text: "Closed by this client." });
  }

  /**
   * Says something durable. It shows at once as `pending`, is sent when the connection is live, and again until it is acked.
   * One that breaks the server's limits becomes `failed` as soon as these are known.
   *
   * @returns its id
   * @throws ChatError `INVALID_MESSAGE` for what is no message, `ID_CONFLICT`, or `BUSY` when the outbox is full
   */
  send(draft: string | ChatDraft): string {
    const message = compose(draft);
    this.#store.outbox.add(message);
    this.#throttle.reset();
    this.#outboxChanged();
    return message.id;
  }

  /** Sends a `failed` or `uncertain` message again. Returns its id, a new one after `ID_CONFLICT`; nothing if it is neither. */
  retry(id: string): string | undefined {
    const next = this.#store.outbox.retry(id);
    if (next !== undefined) this.#outboxChanged();
    return next;
  }

  /** Takes back what `failed`, is `uncertain` or has not been sent. Whether it did: what may reach the log stays. */
  discard(id: string): boolean {
    const held = this.#store.outbox.holds(id);
    const discarded = this.#store.outbox.discard(id);
    if (discarded && held) this.#connection?.abandon();
    if (discarded) this.#outboxChanged();
    return discarded;
  }

  /**
   * Fetches messages from before the first one that is shown, at most `limit` and 200. `maxMessages` grows by as many.
   *
   * @returns whether there were any; `false` also while the client is not `live`
   * @throws ChatError `INVALID_OPTION` for a limit that is no whole number over 0
   */
  async loadOlder(limit = 50): Promise<boolean> {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new ChatError("INVALID_OPTION", `"limit" must be a whole number over 0, not ${limit}.`);
    }
    return this.#connection?.loadOlder(limit) ?? false;
  }

  /** Tells the others that this user types, or no longer does. Call it at every key stroke: little of it is sent. */
  sendTyping(active = true): void {
    if (this.getSnapshot().status !== "live" || !this.#throttle.admits(active, performance.now())) return;
    this.#connection?.transmit(JSON.stringify({ type: "typing", content: "", metadata: { active } }));
  }

  /** Calls `listener` when `getSnapshot()` has something new. Returns how to end that. */
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** What to show now: the same object for as long as nothing changes. */
  readonly getSnapshot = (): ChatSnapshot => this.#store.getSnapshot();

  /** Calls `listener` at each event of that name. Returns how to end that. */
  on<Name extends keyof ChatClientEvents>(name: Name, listener: (event: ChatClientEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  #outboxChanged(): void {
    this.#store.publish();
    this.#connection?.pump();
  }

  #ended(cause: CloseCause, ending: Ending): void {
    const lasted = this.#liveSince !== undefined && performance.now() - this.#liveSince >= LASTING;
    if (lasted) this.#attempt = 0;
    this.#liveSince = undefined;
    this.#throttle.reset();
    if (ending === "final") return this.#stop(cause);
    this.#connection = undefined;
    const attempt = this.#attempt++;
    // Those whom the server has cut off come back one by one; this one comes alone, and at once.
    const delay = ending === "broken" && attempt === 0 ? 0 : (this.#options.backoff ?? backoffDelay)(attempt);
    this.#reconnect.set(delay, () => this.connect());
    this.#store.show("waiting", cause, Date.now() + delay);
  }

  #stop(cause: CloseCause): void {
    this.#reconnect.clear();
    this.#sleep?.();
    this.#sleep = undefined;
    this.#connection = undefined;
    this.#attempt = 0;
    this.#liveSince = undefined;
    this.#store.show("closed", cause);
  }

  #wake(): void {
    if (this.#connection === undefined) this.connect();
    else this.#connection.probe();
  }
}

function isConstructor(value: unknown): value is WebSocketConstructor {
  return typeof value === "function";
}
