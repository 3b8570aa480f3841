import { readRegenerates } from "../../protocol/regenerates.js";
import { findSuperseded, referenceOf } from "../../protocol/superseded.js";
import type { ChatErrorInfo, ClientMessage } from "../snapshot.js";

/** What a request to answer something again makes of the message that it names. */
interface Change {
  error: ChatErrorInfo | undefined;
  regenerating: boolean;
}

/**
 * What is shown of a conversation: requests to answer something again change what they name, and replies that were superseded are left
 * out. PROTOCOL.md, "Regenerating".
 */
export class ShownMessages {
  /** What was made of a message: the same object while nothing in it changes. */
  readonly #changed = new WeakMap<ClientMessage, ClientMessage>();

  list(messages: readonly ClientMessage[]): readonly ClientMessage[] {
    const superseded = findSuperseded(messages);
    const changes = readChanges(messages);
    if (superseded.size + changes.size === 0) return messages;
    return messages
      .filter((message) => !superseded.has(message) && !readRegenerates(message))
      .map((message) => this.#change(message, changes.get(keyOf(message))));
  }

  #change(message: ClientMessage, change: Change | undefined): ClientMessage {
    if (!change || message.state !== "sent") return message;
    const before = this.#changed.get(message);
    if (before?.state === "sent" && before.error === change.error && before.regenerating === change.regenerating) {
      return before;
    }
    const changed = { ...message, ...change };
    this.#changed.set(message, changed);
    return changed;
  }
}

/** What the requests make of the messages that they name, by their keys. The newest request counts. */
function readChanges(messages: readonly ClientMessage[]): Map<string, Change> {
  const changes = new Map<string, Change>();
  let answered: ReadonlySet<string | undefined> | undefined;
  for (const message of messages) {
    const named = readRegenerates(message);
    if (!named) continue;
    answered ??= new Set(messages.map((reply) => referenceOf(reply, "inReplyTo")));
    const { error, id } = message;
    changes.set(keyOf(named), { error, regenerating: !error && !answered.has(id) });
  }
  return changes;
}

function keyOf({ seq, id }: { seq?: number | undefined; id: string }): string {
  return `${seq} ${id}`;
}
