import type { ChatMessage } from "../protocol/envelope.js";
import type { HelloFrame, SequencedMessage } from "../protocol/frames.js";
import { Listeners } from "./listeners.js";
import type { ChatErrorInfo } from "./snapshot.js";

/** An envelope of the log. */
export type LogMessage = SequencedMessage & {
  /** Whether it was written while the client was connected. `false` for the replay. */
  live: boolean;
};

/** The events of a client, by name. */
export interface ChatClientEvents {
  /** A connection has started. Its replay follows. */
  hello: HelloFrame;
  /** An envelope of the log, the client's own included: each once, in order, live and replayed (P3). */
  message: LogMessage;
  /** A `typing` envelope of another connection, or of this user's own. */
  typing: ChatMessage;
  /** An error. Not `RATE_LIMITED` and `BUSY`, after which the client sends the message again by itself. */
  error: ChatErrorInfo;
  /** A frame as it is on the wire, for inspectors. It may hold a token. */
  frame: { direction: "in" | "out"; text: string };
}

export type Emit = Events["emit"];

type ByName = { [Name in keyof ChatClientEvents]: Listeners<ChatClientEvents[Name]> };

/** The listeners of a client, by event. */
export class Events {
  readonly #listeners: ByName = {
    hello: new Listeners(),
    message: new Listeners(),
    typing: new Listeners(),
    error: new Listeners(),
    frame: new Listeners(),
  };

  on<Name extends keyof ChatClientEvents>(name: Name, listener: (event: ChatClientEvents[Name]) => void): () => void {
    return this.#listeners[name].add(listener);
  }

  readonly emit = <Name extends keyof ChatClientEvents>(name: Name, event: ChatClientEvents[Name]): void =>
    this.#listeners[name].emit(event);
}
