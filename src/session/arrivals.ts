import type { Peer } from "../server/peer.js";
import type { Connections } from "./connections.js";

/** Stands for the seq up to which a connection has been replayed to, before its replay has begun: until then it hears nothing. */
const NOT_GREETED = -1;

/**
 * Connections whose handshake is not over. What they are sent before it is takes 8 KB each for as long as they live, so the first
 * words wait for a timer. docs/decisions/0013-gathering.md
 */
export class Arrivals {
  readonly #greetings = new Map<Peer, () => void>();

  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Has the first words said to a connection, soon. */
  add(peer: Peer, greeting: () => void): void {
    peer.state.behind = NOT_GREETED;
    if (this.#greetings.size === 0) setTimeout(() => [...this.#greetings.keys()].forEach(this.greet), 0);
    this.#greetings.set(peer, greeting);
  }

  /** Says them now, if they were not said. */
  greet = (peer: Peer): void => {
    const greeting = this.#greetings.get(peer);
    if (greeting === undefined) return;
    this.#greetings.delete(peer);
    peer.state.behind = undefined;
    try {
      if (peer.isLive()) greeting();
    } catch (error) {
      // It reconnects: to go on without its first words would leave a hole (P4).
      console.error("@workkit/chat: a connection could not be greeted", error);
      peer.close("UNAVAILABLE", "the session could not be read");
    }
    this.#connections.save(peer);
  };
}
