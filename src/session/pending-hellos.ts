import type { Connection } from "../server/connection/connection.js";
import type { Connections } from "./connections.js";

/**
 * Connections whose handshake is not over. What they are sent before it is over takes 8 KB each for as long as they live, so the hello
 * waits for a timer, and nothing is delivered to them before it. docs/decisions/0013-batching.md
 */
export class PendingHellos {
  readonly #hellos = new Map<Connection, () => void>();

  readonly #connections: Connections;
  readonly #live: (connection: Connection) => void;

  /** @param live is called for each connection that has nothing to wait for after its hello */
  constructor(connections: Connections, live: (connection: Connection) => void) {
    this.#connections = connections;
    this.#live = live;
  }

  /** Has the hello sent to a connection when the timer fires. One without a hello is sent what is delivered meanwhile: no replay follows. */
  add(connection: Connection, hello?: () => void): void {
    if (hello) connection.state.replay = "pending";
    if (this.#hellos.size === 0) setTimeout(() => [...this.#hellos.keys()].forEach(this.sendHello), 0);
    this.#hellos.set(connection, hello ?? (() => undefined));
  }

  /** Sends the hello of a connection now, if it was not sent. */
  sendHello = (connection: Connection): void => {
    const hello = this.#hellos.get(connection);
    if (!hello) return;
    this.#hellos.delete(connection);
    connection.state.replay = undefined;
    try {
      if (connection.closeIfExpired()) hello();
      if (connection.state.replay === undefined) this.#live(connection);
    } catch (error) {
      // It reconnects: to go on without its replay would leave a hole (P4).
      console.error("@workkit/chat: the hello of a connection could not be sent", error);
      connection.close("UNAVAILABLE", "the session could not be read");
    }
    this.#connections.save(connection);
  };
}
