import type { ClientMessage } from "../../client/index.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import { toUIMessages } from "../history/to-ui-messages.js";
import type { UIMessageOfHistory } from "../history/ui-message.js";

/** What a client shows as messages of the AI SDK. Messages that have not changed are the same objects as before. */
export class ShownMessages {
  #sources = new Map<string, ClientMessage>();
  #shown = new Map<string, UIMessageOfHistory>();

  update(messages: readonly ClientMessage[]): UIMessageOfHistory[] {
    const sources = new Map(messages.map((message) => [message.id, message]));
    // An answer that was refused has changed nothing.
    const valid = messages.filter(({ type, state }) => type !== "tool_result" || state !== "failed");
    const shown = toUIMessages(valid.map(toEnvelope)).map((message) => {
      const before = this.#shown.get(message.id);
      const isSameSource = sources.get(message.id) === this.#sources.get(message.id);
      return before && isUnchanged(before, message, isSameSource) ? before : message;
    });
    this.#sources = sources;
    this.#shown = new Map(shown.map((message) => [message.id, message]));
    return shown;
  }
}

/** Calls and continuations change by other envelopes than their own. */
function isUnchanged(before: UIMessageOfHistory, after: UIMessageOfHistory, isSameSource: boolean): boolean {
  const dependsOnOthers = after.parts.length !== before.parts.length || after.parts.some(isTool);
  if (isSameSource && !dependsOnOthers) return true;
  return JSON.stringify(before) === JSON.stringify(after);
}

function isTool({ type }: { type: string }): boolean {
  return type === "dynamic-tool";
}

/** An envelope that says what the client knows of it, if that is not that it is in the log. */
export function toEnvelope(message: ClientMessage): ChatMessage {
  const { state, error, metadata } = message;
  if (state === "sent" && !error) return message;
  const known = {
    ...(state !== "sent" && { delivery: state }),
    ...(error && { error: { code: error.code, text: error.text } }),
    ...(state === "streaming" && { parts: message.parts }),
  };
  return { ...message, metadata: { ...metadata, ...known } };
}
