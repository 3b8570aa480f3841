import type { Author, ChatErrorInfo, ClientMessage } from "../client/index.js";

/** A call of a tool that a reply leaves to its readers: to run it, or to allow it. */
export interface ToolCall {
  /** The id of its envelope: what `answer` of the client takes. */
  id: string;
  /** The model's id of the call, unique within the reply only. */
  toolCallId: string;
  toolName: string;
  input: unknown;
  /** Whether a person is to say that the tool may run. Otherwise a client is to run it. */
  needsApproval: boolean;
  /** The id of the reply. */
  reply: string;
  /** Who has asked, and may answer by default. */
  author: Author;
  /** Until when it may be answered, in milliseconds since the Unix epoch. */
  expiresAt: number;
  /** Whether it waits for an answer: there is none, it has not expired, and its author has not sent another message since. */
  isOpen: boolean;
  /** The answer that counts, or this user's own that is on its way. */
  answer: ClientMessage | undefined;
  /** Why this user's last answer was refused. */
  error: ChatErrorInfo | undefined;
}

/**
 * The calls of tools that replies have left open, with their answers, in the order of the messages. PROTOCOL.md, "Tools and approvals".
 *
 * @example
 * for (const { id, toolName, isOpen } of listToolCalls(client.getSnapshot().messages)) if (isOpen) ask(toolName, id);
 */
export function listToolCalls(messages: readonly ClientMessage[]): ToolCall[] {
  return messages.flatMap((message, at) =>
    message.type === "tool_call" ? (readCall(message, messages, at) ?? []) : [],
  );
}

function readCall(call: ClientMessage, messages: readonly ClientMessage[], at: number): ToolCall | undefined {
  const { id, role, metadata = {} } = call;
  const { toolCallId, toolName, reply, for: author, input, needsApproval, expiresAt } = metadata;
  if (role === "user" || !isAuthor(author) || typeof reply !== "string") return undefined;
  const later = messages.slice(at + 1);
  const answers = later.filter((one) => one.type === "tool_result" && one.metadata?.["inReplyTo"] === id);
  const answer = answers.find(({ state }) => state === "sent") ?? answers.find(({ state }) => state === "pending");
  const hasGoneOn = later.some(
    ({ type, metadata: { from } = {} }: ClientMessage & { metadata?: { from?: unknown } }) => {
      return type === "message" && isAuthor(from) && from.id === author.id;
    },
  );
  return {
    id,
    toolCallId: String(toolCallId),
    toolName: String(toolName),
    input,
    needsApproval: needsApproval === true,
    reply,
    author,
    expiresAt: Number(expiresAt),
    isOpen: !answer && !hasGoneOn && Number(expiresAt) > Date.now(),
    answer,
    error: answer ? undefined : answers.at(-1)?.error,
  };
}

function isAuthor(value: unknown): value is Author {
  return typeof Object(value).id === "string";
}
