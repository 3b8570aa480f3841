import type { ChatMessage } from "../../src/protocol/index.js";

/** A typed error as the page shows it: the code for programs, the text for people. */
export interface Problem {
  code: string;
  text: string;
  inReplyTo?: string;
  retryAfterMs?: number;
}

/** The problem that an `error` envelope, or a `system` envelope about a failed turn, tells of. */
export function readProblem({ content, metadata }: ChatMessage): Problem | undefined {
  const { code, inReplyTo, retryAfterMs } = metadata ?? {};
  if (typeof code !== "string") return undefined;
  return {
    code,
    text: content,
    ...(typeof inReplyTo === "string" ? { inReplyTo } : {}),
    ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
  };
}

/** Whether the same envelope may be sent again after a while; any other error is its end. */
export function isPassing({ code }: Problem): boolean {
  return code === "RATE_LIMITED" || code === "BUSY";
}
