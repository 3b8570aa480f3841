import type { Prompt } from "./prompt.js";
import type { System, SystemDescription } from "./system.js";

/** How a system is asked for a streamed reply, and how its frames are told apart. */
export interface ReplyWire {
  /** The frame that asks. */
  ask(prompt: Prompt): string;
  /** What is in a frame that shows text, and in the one that ends the reply. */
  piece: string;
  end: string;
}

export const RAW: SystemDescription = { system: "raw", worker: "raw-stream" };
export const OURS: SystemDescription = { system: "ours", worker: "ours-stream", protocol: "workkit.chat.v1" };
export const OURS_CALLED: SystemDescription = { ...OURS, system: "ours, context.stream", worker: "ours-stream-called" };
export const AI_CHAT: SystemDescription = { system: "ai-chat", worker: "ai-chat" };

/** Where a viewer connects to a room. Only ours has to be asked for what a reply has before it is complete. */
export function viewerPath(room: string | number): string {
  return `/?room=${room}&deltas=1`;
}

export function wireOf({ description }: System): ReplyWire {
  return description.worker === AI_CHAT.worker ? CHUNKS : ENVELOPES;
}

let asked = 0;

/** Ours, and code without a library: an envelope of the assistant ends what `stream` and `delta` have shown. */
const ENVELOPES: ReplyWire = {
  ask: (prompt) => JSON.stringify({ id: nextId(), type: "message", content: JSON.stringify(prompt) }),
  piece: '"text":"',
  end: '"role":"assistant"',
};

/** The chunks of the AI SDK. */
const CHUNKS: ReplyWire = {
  ask(prompt) {
    const parts = [{ type: "text", text: JSON.stringify(prompt) }];
    const body = JSON.stringify({ messages: [{ id: nextId(), role: "user", parts }] });
    return JSON.stringify({ type: "cf_agent_use_chat_request", id: nextId(), init: { method: "POST", body } });
  },
  piece: "text-delta",
  end: '"done":true',
};

function nextId(): string {
  asked++;
  return `00000000-0000-7000-8000-${String(asked).padStart(12, "0")}`;
}
