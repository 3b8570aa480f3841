import { randomUUID } from "node:crypto";
import type { Workerd } from "../../test/workerd/server.js";
import { type Frame, TestSocket } from "../../test/workerd/socket.js";
import type { Scenario } from "./scenario.js";

/** A message as a system stores it. */
export interface Stored {
  role: string;
  text: string;
}

/** One device of a user, on a system. */
export interface Talker {
  /** Sends a question, or the same one again, and resolves when its reply has ended. */
  ask(scenario: Scenario, id?: string): Promise<void>;
  /** Has the question that this device knows as the newest answered again. Resolves with whether the system refused. */
  regenerate(): Promise<boolean>;
  readonly socket: TestSocket;
}

/** How to talk to a system. */
export interface Speech {
  join(server: Workerd, room: string): Promise<Talker>;
  stored(server: Workerd, room: string): Promise<Stored[]>;
}

/** `@cloudflare/ai-chat`, by the frames of its own client, which holds the whole list of messages. */
export const AI_CHAT: Speech = {
  async join(server, room) {
    const socket = await TestSocket.open(server.socketUrl(`/?room=${room}`));
    let known: object[] = [];
    const request = async (trigger: string, id: string, messages: object[]) => {
      const init = { method: "POST", body: JSON.stringify({ messages, trigger }) };
      const seen = socket.frames.length;
      socket.send({ type: "cf_agent_use_chat_request", id, init });
      await find(socket, seen, (frame) => frame["id"] === id && frame["done"] === true);
      known = await fetchList(server, `/get-messages?room=${room}`);
    };
    return {
      socket,
      ask: (scenario, id = randomUUID()) => request("submit-message", id, [...known, toMessage(id, scenario)]),
      async regenerate() {
        await request("regenerate-message", randomUUID(), known.slice(0, -1));
        return false;
      },
    };
  },
  async stored(server, room) {
    const messages = await fetchList(server, `/get-messages?room=${room}`);
    return messages.map(({ role, parts }) => ({
      role,
      text: parts.map(({ text = "" }: { text?: string }) => text).join(""),
    }));
  },
};

/** A session of ours, by `workkit.chat.v1`. */
export const OURS: Speech = {
  async join(server, room) {
    const socket = await TestSocket.open(server.socketUrl(`/?room=${room}&deltas=1`), ["workkit.chat.v1"]);
    await find(socket, 0, ({ type }) => type === "hello");
    let newest: Frame = {};
    return {
      socket,
      async ask(scenario, id = randomUUID()) {
        socket.send({ type: "message", id, content: JSON.stringify(scenario) });
        newest = await find(
          socket,
          0,
          ({ role, metadata }) => role === "assistant" && Object(metadata).inReplyTo === id,
        );
      },
      async regenerate() {
        const id = randomUUID();
        const { seq, id: reply } = newest;
        socket.send({ type: "message", id, content: "", metadata: { regenerates: { seq, id: reply } } });
        const answer = await find(socket, 0, ({ metadata }) => Object(metadata).inReplyTo === id);
        return answer["type"] === "error";
      },
    };
  },
  async stored(server, room) {
    const messages = await fetchList(server, `/history?room=${room}`);
    return messages.map(({ role, content }) => ({ role, text: content }));
  },
};

function toMessage(id: string, scenario: Scenario): object {
  return { id: `message-${id}`, role: "user", parts: [{ type: "text", text: JSON.stringify(scenario) }] };
}

/** The first frame, of those from a place on, that fits. */
async function find(socket: TestSocket, from: number, fits: (frame: Frame) => boolean): Promise<Frame> {
  for (;;) {
    const frame = socket.frames.slice(from).find(fits);
    if (frame !== undefined) return frame;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function fetchList(server: Workerd, path: string) {
  return (await (await fetch(new URL(path, server.url))).json()) as {
    role: string;
    content: string;
    parts: { text?: string }[];
  }[];
}
