import type { Author } from "../../protocol/envelope.js";

/** A call that a reply has left open, and how it was answered. */
export interface AnsweredCall {
  /** The id of its `tool_call` envelope. */
  id: string;
  /** The model's id of the call, unique within the reply only. */
  toolCallId: string;
  /** The name of the tool. */
  toolName: string;
  /** What the model wants the tool to be given: as it was in the reply, whatever the answer says. */
  input: unknown;
  /** What the client returned: the text of its answer. */
  content: string;
  /** Whether the answer says that the tool has failed. */
  isError: boolean;
  /** Whether a person allowed the call; `undefined` if the answer does not say. */
  approved: boolean | undefined;
  /** Why, as that person said. */
  reason: string | undefined;
  /** Who answered. */
  by: Author | undefined;
}

/** The reply that a turn goes on with, now that its calls are answered. */
export interface Continuation {
  /** The id of the first envelope of the reply. */
  readonly id: string;
  /** The calls of its last envelope, in their order. */
  readonly calls: readonly AnsweredCall[];
}
