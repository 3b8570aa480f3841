import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatMessage, ChatSessionDOOptions } from "../../src/index.js";
import { openSession, reply, type SessionRoom } from "../fixtures/rooms.js";
import { ack, connectV1 } from "../fixtures/v1.js";
import { sessionOptions } from "../fixtures/worker.js";
import { Random } from "../protocol/random.js";

/** A log of 1 or 2 is half full of one unfinished turn, and answers BUSY. */
const CAPACITIES = [3, 4, 7, 12, 13, 14, 40, 100];

/** Answers all but what is slow, which never ends. */
const hanging = async (_id: string, { content }: ChatMessage): Promise<undefined> =>
  content.startsWith("slow") ? new Promise(() => undefined) : undefined;
const answering = async (_id: string, { content }: ChatMessage): Promise<ChatMessage | undefined> =>
  content.startsWith("slow") ? reply(`re: ${content}`) : undefined;

function options(onMessage: ChatSessionDOOptions["onMessage"], maxStoredMessages: number): ChatSessionDOOptions {
  return { onMessage, maxStoredMessages, concurrency: "parallel", turnAttempts: 1_000, rateLimit: false };
}

/** What the log holds, as seqs and contents. */
async function read(room: SessionRoom): Promise<string[]> {
  const { messages, head, tail } = await room.session.history({ limit: 1_000 });
  expect([messages[0]?.seq ?? head + 1, messages.at(-1)?.seq ?? head]).toEqual([tail, head]);
  return messages.map(({ seq, content }) => `${seq} ${content}`);
}

describe("a log whose capacity changes with deploys, between sleeps and crashes", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "P3, P11: holds what fits, in order, and every unfinished turn: seed %i",
    async (seed) => {
      const random = new Random(seed * 7_919);
      let capacity = random.pick(CAPACITIES);
      const room = openSession(options(hanging, capacity));
      let kept: string[] = [];
      const slow: string[] = [];
      let said = 0;
      for (let step = 0; step < 12; step++) {
        const { socket } = await connectV1(room);
        const last = said + 1 + random.below(30);
        while (said < last) {
          said++;
          const isSlow = slow.length < 1 && random.below(10) === 0;
          if (isSlow) slow.push(`slow ${said}`);
          socket.say(isSlow ? `slow ${said}` : `${said}`, { id: `${said}` });
          kept = [...kept, `${said} ${isSlow ? `slow ${said}` : said}`].slice(-capacity);
        }
        await ack(socket, `${said}`);
        expect(await read(room)).toEqual(kept);
        // What hangs does not sleep: then a deploy ends it as a crash does.
        if (slow.length === 0 && random.below(2) === 0) await room.hibernate();
        else {
          if (random.below(3) > 0) capacity = random.pick(CAPACITIES);
          sessionOptions.set(room.name, options(hanging, capacity));
          await room.crash();
          kept = kept.slice(-capacity);
        }
        expect(await read(room)).toEqual(kept);
      }
      sessionOptions.set(room.name, options(answering, 100));
      await room.crash();
      const { socket } = await connectV1(room);
      const answers: string[] = [];
      for (let tries = 0; tries < 100 && answers.length < slow.length; tries++) {
        await scheduler.wait(5);
        answers.splice(0, answers.length, ...(await read(room)).filter((line) => line.includes("re: ")));
      }
      expect(answers.map((line) => line.split("re: ")[1])).toEqual(slow);
      // What was kept for its turn is kept no longer.
      socket.say("last", { id: "last" });
      await ack(socket, "last");
      const { messages } = await room.session.history({ limit: 1_000 });
      const rows = await runInDurableObject(room.stub, (_, { storage }) =>
        storage.sql.exec("SELECT COUNT(*) AS rows, MIN(slot) >= 0 AS unpinned FROM workkit_chat_log").one(),
      );
      expect(rows).toEqual({ rows: messages.length, unpinned: 1 });
    },
  );
});
