/*
 * What becomes of a conversation with a model in five situations that happen to everyone: a long reply, a network that cuts its reads
 * anywhere, two devices, a request that is sent twice, and a process that is killed. `node --import ./torture/node-resolution.mjs
 * bench/scenarios/main.ts` runs them against a peer and against this package, and prints a table.
 */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Workerd } from "../../test/workerd/server.js";
import { dependencies, installPeers } from "../peers.js";
import { bundleSystem } from "../system.js";
import { markdownTable } from "./table.js";
import { AI_CHAT, OURS, type Speech } from "./talker.js";

interface Contestant {
  name: string;
  worker: string;
  speech: Speech;
}

interface Stage extends Contestant {
  server: Workerd;
  asked(): Promise<number>;
}

const PEER: Contestant = {
  name: `@cloudflare/ai-chat ${dependencies()["@cloudflare/ai-chat"]}`,
  worker: "script-ai-chat",
  speech: AI_CHAT,
};
const THIS: Contestant = { name: "@workkit/chat", worker: "script-ours", speech: OURS };

const WORDS = 40;

/** Each is given a server of its own, and says what it found. */
const SCENARIOS: Record<string, (stage: Stage) => Promise<string>> = {
  "a reply of 250 words in 10 seconds: rows written, frames and bytes to a viewer": async ({ server, speech }) => {
    const talker = await speech.join(server, "room");
    const before = await rowsWritten(server);
    const seen = talker.socket.frames.length;
    await talker.ask({ words: 250, gapMs: 40 });
    const frames = talker.socket.frames.slice(seen);
    const bytes = frames.reduce((sum, frame) => sum + Buffer.byteLength(JSON.stringify(frame)), 0);
    return `${(await rowsWritten(server)) - before} rows, ${frames.length} frames, ${Math.round(bytes / 1_000)} KB`;
  },
  "the model's events are cut into reads of 1,000, 200 and 64 bytes: words of 40 that are stored": async (stage) => {
    const { server, speech } = stage;
    const arrived: number[] = [];
    for (const cut of [1_000, 200, 64]) {
      const talker = await speech.join(server, `room ${cut}`);
      await talker.ask({ words: WORDS, gapMs: 1, cut });
      arrived.push(wordsIn((await speech.stored(server, `room ${cut}`)).at(-1)?.text));
    }
    return arrived.join(", ");
  },
  "a device that has missed a question has the one before answered again: what is left of the question": async (
    stage,
  ) => {
    const { server, speech } = stage;
    const [stale, other] = [await speech.join(server, "room"), await speech.join(server, "room")];
    await stale.ask({ words: 3, gapMs: 1, name: "first" });
    await other.ask({ words: 3, gapMs: 1, name: "second" });
    const isRefused = await stale.regenerate();
    const stored = await speech.stored(server, "room");
    const isThere = stored.some(({ role, text }) => role === "user" && text.includes('"second"'));
    return `${isRefused ? "the request is refused" : "the request is accepted"}; the question is ${isThere ? "there" : "gone"}`;
  },
  "the same request comes twice: how often the model is asked": async ({ server, speech, asked }) => {
    const talkers = [await speech.join(server, "room"), await speech.join(server, "room")];
    const before = await asked();
    await Promise.race([...talkers.map((talker) => talker.ask({ words: 5, gapMs: 20 }, "once")), wait(5_000)]);
    await wait(1_000);
    return `${(await asked()) - before}`;
  },
  "kill -9 in the middle of a reply of 100 words: words of the reply that is stored, and how often it begins": async (
    stage,
  ) => {
    const { server, speech } = stage;
    const talker = await speech.join(server, "room");
    void talker.ask({ words: 100, gapMs: 60 }).catch(() => undefined);
    // Longer than any of them waits before it first stores something.
    await wait(5_500);
    await server.kill();
    await server.start();
    await speech.join(server, "room");
    await wait(12_000);
    const replies = (await speech.stored(server, "room")).filter(({ role }) => role === "assistant");
    const texts = replies.map(({ text }) => `${wordsIn(text)} words, begins ${text.split("wörd1 ").length - 1} times`);
    return texts.join("; ") || "none";
  },
};

installPeers((text) => console.error(text));
const rows: string[][] = [];
for (const [what, run] of Object.entries(SCENARIOS)) {
  const cells: string[] = [];
  for (const contestant of [PEER, THIS]) {
    console.error(`${contestant.name}: ${what}`);
    cells.push(await play(contestant, run));
  }
  rows.push([what, ...cells]);
}
console.log(markdownTable(["what is done", PEER.name, THIS.name], rows));
process.exit();

async function play(contestant: Contestant, run: (stage: Stage) => Promise<string>): Promise<string> {
  const entry = join(import.meta.dirname, `../systems/${contestant.worker}.ts`);
  const objects = [{ name: "Room", className: "Room" }];
  await using server = await Workerd.start({ module: await bundleSystem(entry), objects });
  const asked = async () => Number(await (await fetch(new URL("/asked", server.url))).text());
  await asked();
  try {
    return await run({ ...contestant, server, asked });
  } catch (error) {
    throw new Error(`${contestant.name} failed. It wrote:\n${server.output}`, { cause: error });
  }
}

async function rowsWritten(server: Workerd): Promise<number> {
  const metered = (await (await fetch(new URL("/metered", server.url))).json()) as { rowsWritten: number };
  return metered.rowsWritten;
}

function wordsIn(text = ""): number {
  return text.match(/wörd\d+ /g)?.length ?? 0;
}
