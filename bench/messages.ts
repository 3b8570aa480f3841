/** Bytes of the envelope that the benches send, unless they measure the size. */
export const MESSAGE_BYTES = 200;

/** How an answer to a message can be distinguished from other frames. */
export const ECHO = "Echo: ";

let made = 0;

/** Envelopes of a given size in bytes, each with an id that no other one of this run has. */
export function envelopes(type: "message" | "typing", bytes: number = MESSAGE_BYTES): () => string {
  const empty = toText(type, "").length;
  const content = "x".repeat(Math.max(1, bytes - empty));
  return () => toText(type, content);
}

/** What is in every envelope made here, to find it again where it is relayed as it is. */
export const CONTENT = '"content":"x';

function toText(type: string, content: string): string {
  made++;
  const id = `00000000-0000-7000-8000-${String(made).padStart(12, "0")}`;
  return `{"id":"${id}","type":"${type}","content":"${content}"}`;
}
