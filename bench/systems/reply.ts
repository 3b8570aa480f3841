/** What every system answers with: the same object, made in the same way. */
export interface Reply {
  id: string;
  type: "message";
  role: "assistant";
  content: string;
  timestamp: number;
}

export function echo(content: string): Reply {
  return {
    id: crypto.randomUUID(),
    type: "message",
    role: "assistant",
    content: `Echo: ${content}`,
    timestamp: Date.now(),
  };
}

/** A client's envelope, as code without a library reads it: believed. */
export function parse(frame: unknown): { type: string; content: string } {
  return JSON.parse(String(frame));
}
