import { invalid, isId, type JsonObject, parseObject } from "../../protocol/codec.js";
import { ChatError } from "../../protocol/errors.js";
import type { ClientEnvelope } from "../../protocol/frames.js";
import type { AnswersRequest } from "../../server/dialects/dialect.js";
import { readAnswers } from "../history/read-answers.js";

/** A frame of the AI SDK's `WebSocketChatTransport`. `id` is its `requestId`. */
export type AiSdkRequest =
  | { type: "send"; id: string; message: ClientEnvelope & { id: string } }
  | AnswersRequest
  | { type: "resume"; id: string }
  | { type: "abort"; id: string };

/** Characters of a frame in which its `requestId` is looked for, where the frame is too large. */
const HEAD = 200;

/** The `requestId` of a frame that is too large to be parsed: it stands at the beginning, as the AI SDK writes it. */
export function readRequestId(frame: string): string | undefined {
  const [, id] = /"requestId":"([^"\\]+)"/.exec(frame.slice(0, HEAD)) ?? [];
  return isId(id) ? id : undefined;
}

/**
 * Reads a frame of the client. Of the messages that a `send` carries the last one counts alone, or the reply that it names: the log has the
 * others.
 *
 * @throws ChatError `INVALID_MESSAGE`, with the `requestId` as `inReplyTo` where it could be read
 */
export function readRequest(frame: unknown): AiSdkRequest {
  const { type, requestId, trigger, messageId, messages } = parseObject(frame);
  if (!isId(requestId)) throw invalid('"requestId" must be a string of 1 to 128 characters');
  const refuse = (text: string) => new ChatError("INVALID_MESSAGE", text, { inReplyTo: requestId });
  if (type === "resume" || type === "abort") return { type, id: requestId };
  if (type !== "send") throw refuse("A frame's type must be send, resume or abort.");
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  const regenerated: unknown = Object(last).id;
  if (trigger === "regenerate-message" && isId(regenerated)) {
    // The request is an envelope of its own. What is shown after the message is the client's alone to forget.
    const metadata = { regenerates: { id: regenerated } };
    return { type, id: requestId, message: { id: requestId, type: "message", content: "", metadata } };
  }
  const named =
    messageId !== undefined && Array.isArray(messages) ? messages.findLast(({ id }) => id === messageId) : last;
  const answered: JsonObject = Object(named);
  if (answered["role"] === "assistant") return readAnswered(requestId, answered, refuse);
  if (Object(last).role !== "user") throw refuse("The last of messages must be the user's.");
  if (messageId !== undefined) throw refuse("A message that was sent cannot be edited.");
  return { type, id: requestId, message: readMessage(Object(last), refuse) };
}

function readAnswered(id: string, { id: reply, parts }: JsonObject, refuse: (what: string) => Error): AnswersRequest {
  const answers = readAnswers(parts);
  if (!isId(reply) || answers.length === 0)
    throw refuse("The last of messages must be the user's, or answer calls of tools.");
  return { type: "answers", id, reply, answers };
}

function readMessage({ id, parts, metadata }: JsonObject, refuse: (what: string) => Error) {
  if (!isId(id)) throw refuse("A message needs an id of 1 to 128 characters.");
  if (!Array.isArray(parts) || parts.some((part) => Object(part).type !== "text" || typeof part.text !== "string")) {
    throw refuse("A message of the user may have parts of type text alone.");
  }
  const isGiven = typeof metadata === "object" && metadata !== null && !Array.isArray(metadata);
  if (metadata !== undefined && !isGiven) throw refuse("The metadata of a message must be a JSON object.");
  const content = parts.map(({ text }) => text).join("\n\n");
  return { id, type: "message" as const, content, ...(isGiven && { metadata: metadata as JsonObject }) };
}
