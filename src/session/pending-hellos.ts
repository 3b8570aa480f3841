import type { Connection } from "../server/connection/connection.js";
import type { Connections } from "./connections.js";

/** Stands for the seq up to which a connection has been replayed to, before its replay has begun: until then it hears nothing. */
const HELLO_PENDING = -1;

/**
 * Connections whose handshake is not over. What they are sent before it is takes 8 KB each for as long as they live, so the first
 * words wait for a timer. docs/decisions/0013-batching.md
 */
export class PendingHellos {
  readonly #hellos = new Map<Connection, () => void>();

  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Has the first words said to a connection, soon. */
  add(connection: Connection, greeting: () => void): void {
    connection.state.replay = HELLO_PENDING;
    if (this.#hellos.size === 0) setTimeout(() => [...this.#hellos.keys()].forEach(this.sendHello), 0);
    this.#hellos.set(connection, greeting);
  }

  /** Says them now, if they were not said. */
  sendHello = (connection: Connection): void => {
    const greeting = this.#hellos.get(connection);
    if (greeting === undefined) return;
    this.#hellos.delete(connection);
    connection.state.replay = undefined;
    try {
      if (connection.isLive()) greeting();
    } catch (error) {
      // It reconnects: to go on without its first words would leave a hole (P4).
      console.error("@workkit/chat: a connection could not be greeted", error);
      connection.close("UNAVAILABLE", "the session could not be read");
    }
    this.#connections.save(connection);
  };
}
