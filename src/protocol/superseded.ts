import type { ChatMessage } from "./envelope.js";

type Named = Pick<ChatMessage, "id" | "role" | "metadata">;

/** The id that an envelope of the server names in its metadata. What clients say there is no reference (P6). */
export function referenceOf({ role, metadata }: Named, name: string): string | undefined {
  const id = role === "user" ? undefined : metadata?.[name];
  return typeof id === "string" ? id : undefined;
}

/** Those of a list of envelopes that a later reply supersedes, with all that their turns have said. PROTOCOL.md, "Regenerating". */
export function findSuperseded<Message extends Named>(messages: readonly Message[]): ReadonlySet<Message> {
  const named = new Set(messages.map((message) => referenceOf(message, "supersedes")));
  // Named by a later part of it, a reply is superseded as a whole.
  for (const message of messages) if (named.has(message.id)) named.add(referenceOf(message, "continues"));
  named.delete(undefined);
  if (named.size === 0) return new Set();
  const isNamed = (message: Message) =>
    message.role !== "user" && (named.has(message.id) || named.has(referenceOf(message, "continues")));
  const turns = new Set(messages.filter(isNamed).map(turnOf));
  turns.delete(undefined);
  return new Set(messages.filter((message) => isNamed(message) || turns.has(turnOf(message))));
}

/** What the envelopes of one turn have in common, whatever the application says that they answer. */
function turnOf(message: Named): string | undefined {
  const inReplyTo = referenceOf(message, "inReplyTo");
  return inReplyTo && `${inReplyTo} ${referenceOf(message, "supersedes")}`;
}
