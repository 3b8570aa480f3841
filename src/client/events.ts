import type { ChatMessage } from "../protocol/envelope.js";
import type { HelloFrame, SequencedMessage } from "../protocol/frames.js";
import { Listeners } from "./listeners.js";
import type { ChatErrorInfo } from "./snapshot.js";

/** An envelope of the log. */
export type LogMessage = SequencedMessage & {
  /** Whether it came while the client was live; `false` for what was there before, or was missed. */
  live: boolean;
};

/** What a client tells of, by name. */
export interface ChatClientEvents {
  /** A connection begins; what it brings follows. */
  hello: HelloFrame;
  /** An envelope of the log, one's own included: each once, in order, live and replayed. */
  message: LogMessage;
  /** A `typing` envelope. */
  typing: ChatMessage;
  /** An error that is not waited out; `inReplyTo` names the message that it is about. */
  error: ChatErrorInfo;
  /** A frame as it went over the wire, for inspectors. */
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
