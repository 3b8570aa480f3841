import { describe, expect, it } from "vitest";
import { toUIMessages } from "../../src/ai/index.js";
import { adapterOf, recorded, toMessage, WHOLE_STREAMS } from "../ai/recorded.js";
import { openSession } from "../fixtures/rooms.js";
import { connectViewer, isReply } from "../fixtures/streams.js";

const textOf = (parts: readonly { type: string; text?: string }[]) =>
  parts.flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : [])).join("\n\n");

describe("a provider's stream, by its adapter", () => {
  it.each(WHOLE_STREAMS)(
    "becomes a reply with its text, why it finished, its usage and its model: %s",
    async (name) => {
      const body = () => new Response(recorded(name), { headers: { "content-type": "text/event-stream" } });
      const room = openSession({ onMessage: async () => adapterOf(name)(body()) });
      const { socket, views } = await connectViewer(room);
      socket.say("hello", { id: "m" });
      const reply = await socket.find(isReply);
      const { parts, finish } = await toMessage(adapterOf(name)(body()));
      const { finishReason, messageMetadata } = Object(finish);
      expect(reply["content"]).toBe(textOf(parts));
      expect(reply.metadata).toMatchObject({
        inReplyTo: "m",
        ...messageMetadata,
        finish: finishReason,
      });
      expect(views.strays).toEqual([]);
      const [, message] = toUIMessages((await room.session.history()).messages);
      expect(message && textOf(message.parts)).toBe(textOf(parts));
    },
  );
});

it("a body of events that was not adapted is the application's fault, and reaches no client", async () => {
  const room = openSession({
    onMessage: async () => new Response("data: secret\n\n", { headers: { "content-type": "text/event-stream" } }),
  });
  const { socket } = await connectViewer(room);
  socket.say("hello", { id: "m" });
  await socket.error("HANDLER_FAILED");
  expect(JSON.stringify(socket.frames)).not.toContain("secret");
});

it("an answer with an error is the application's failure, and its body reaches no client", async () => {
  const room = openSession({ onMessage: async () => new Response("secret", { status: 500 }) });
  const { socket } = await connectViewer(room);
  socket.say("hello", { id: "m" });
  await socket.error("HANDLER_FAILED");
  expect(JSON.stringify(socket.frames)).not.toContain("secret");
});
