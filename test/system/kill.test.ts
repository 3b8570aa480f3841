import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { findFaults } from "../../torture/checker.js";
import { newWitness, type RoomRecord, type Run, toEntry, type Witness } from "../../torture/records.js";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { type LogEntry, SessionClient } from "../workerd/session-client.js";
import { seededRandom } from "./random.js";

/** More than twice the twenty that count: some kills strike before the turn that they mean has started again, or after it has ended. */
const KILLS = 45;
const KILLS_THAT_COUNT = 20;

/** Who speaks, a client each. */
const USERS = ["ada", "bob", "eve"];

/** How long the log may stand still before it is taken as finished, in milliseconds. */
const TIMEOUT_MS = 20_000;

const seed = Number(process.env["KILL_SEED"] ?? Math.floor(Math.random() * 1e6));
const random = seededRandom(seed);

/** A kill, with what was in flight when it struck. */
interface Strike {
  unacked: string[];
  running: string;
}

it("P1, P2, P3: a session loses, duplicates and reorders nothing while workerd is killed again and again", async () => {
  process.stdout.write(`KILL_SEED=${seed}\n`);
  const module = await bundleWorker(new URL("../workerd/worker-kill.ts", import.meta.url).pathname);
  const objects = [{ name: "CHAT_DO", className: "KilledSession" }];
  await using server = await Workerd.start({ module, objects });
  const clients = USERS.map((name) => new SessionClient(() => server.socketUrl(`/?as=${name}`)));

  const strikes: Strike[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await Promise.all(clients.map((client) => client.connect()));
    strikes.push(await strike(server, clients, strikes.at(-1)));
    await Promise.all(clients.map((client) => client.ended()));
    await server.start();
  }
  await Promise.all(clients.map((client) => client.connect()));
  const log = await finishedLog(server, clients);
  const runs = (await (await fetch(new URL("/runs", server.url))).json()) as Run[];

  expect(clients.flatMap(({ faults }) => faults)).toEqual([]);
  expect(findFaults(toRecord(log, runs, clients))).toEqual([]);
  const retries = clients.flatMap(({ acks }) => acks).filter(({ retry }) => retry);
  const counted = strikes.filter(({ unacked }) => unacked.length > 0).length;
  const reported = log.filter(({ type }) => type === "system").map(answered);
  const interrupted = interruptions(strikes, runs, reported);
  process.stdout.write(
    `${strikes.length} kills: ${counted} with an unacked message, ${interrupted} in a running turn; log of ${log.length}, ` +
      `${retries.length} retries deduped, ${reported.length} turns reported\n`,
  );
  const isVoid = "the run is void, for too few kills struck";
  expect(counted, `${isVoid} an unacked message`).toBeGreaterThanOrEqual(KILLS_THAT_COUNT);
  expect(interrupted, `${isVoid} a running turn`).toBeGreaterThanOrEqual(KILLS_THAT_COUNT);
  expect(retries.length, "the run is void, for no message was in the log before its ack was lost").toBeGreaterThan(0);
});

/** Makes some traffic, waits for a turn to run, sends a message and kills workerd before the ack can be read. */
async function strike(server: Workerd, clients: readonly SessionClient[], last?: Strike): Promise<Strike> {
  const [sender] = clients.toSorted(() => random() - 0.5);
  if (sender === undefined) throw new Error("There is no client to send.");
  const begun = nthBeginning(clients, 1 + Math.floor(random() * 3));
  for (let count = 0; count < 3; count++) say(sender);
  // The turn of the last kill runs again since the clients came back. Some are struck until their attempts are exhausted.
  const again = random() < 0.5 ? last?.running : undefined;
  const running = again !== undefined && !isAnswered(again, clients) ? again : await begun;
  // Acks come in until the very end: what they say has to be true whenever the kill strikes.
  for (let count = Math.floor(random() * 6); count > 0; count--) {
    say(clients[Math.floor(random() * clients.length)] ?? sender);
    await setTimeout(random() * 2);
  }
  say(sender);
  // While this thread is busy no ack is read: the kill strikes before, in or after the commit, and the client cannot know.
  const until = performance.now() + random() * 8;
  while (performance.now() < until);
  const { unacked } = sender;
  await server.kill();
  return { unacked, running };
}

function isAnswered(message: string, clients: readonly SessionClient[]): boolean {
  return clients.some(({ seen }) => seen.some((entry) => answered(entry) === message));
}

/** Messages whose turn takes long enough for a kill to strike it. */
function say(client: SessionClient): void {
  client.send("work", { work: 80 + Math.floor(random() * 40), announce: true });
}

/** The message whose turn begins as the nth from now, as the clients see it. */
function nthBeginning(clients: readonly SessionClient[], nth: number): Promise<string> {
  const begun = new Set<string>();
  return new Promise((resolve) => {
    const stops = clients.map((client) =>
      client.watch(({ metadata }) => {
        if (metadata["begun"] === undefined) return;
        begun.add(String(metadata["begun"]));
        if (begun.size < nth) return;
        for (const stop of stops) stop();
        resolve(String(metadata["begun"]));
      }),
    );
  });
}

/** What the checker of the torture run needs to know. */
function toRecord(log: readonly LogEntry[], runs: Run[], clients: readonly SessionClient[]): RoomRecord {
  const epoch = clients[0]?.cursor.epoch ?? "";
  return {
    path: "/",
    answers: true,
    inOrder: true,
    log: { epoch, head: log.length, tail: 1, entries: log.map(toEntry) },
    runs,
    witnesses: clients.map((client, place) => toWitness(client, USERS[place] ?? "", epoch)),
  };
}

function toWitness({ sent, acks, seen, unacked }: SessionClient, client: string, epoch: string): Witness {
  const story = [{ kind: "start" as const, epoch, after: 0 }, ...seen.map(toEntry)];
  return { ...newWitness(client), sent, acks, story, open: unacked };
}

/** The message that an entry answers, by a reply or a report that its turn was given up. */
function answered(entry: LogEntry): string | undefined {
  return toEntry(entry).answers?.id;
}

/** The whole log, once every message is acked and answered, or nothing has come for so long that nothing will. */
async function finishedLog(server: Workerd, clients: readonly SessionClient[]): Promise<LogEntry[]> {
  const [first] = clients;
  const start = { epoch: first?.cursor.epoch ?? "", seq: 0 };
  const reader = new SessionClient(() => server.socketUrl("/?as=reader"), start);
  let heardAt = Date.now();
  const unanswered = new Set<unknown>(clients.flatMap(({ sent }) => sent));
  reader.watch((entry) => {
    heardAt = Date.now();
    unanswered.delete(answered(entry));
  });
  await reader.connect();
  const isDone = () => unanswered.size === 0 && clients.every(({ unacked }) => unacked.length === 0);
  while (!isDone() && Date.now() - heardAt < TIMEOUT_MS) await setTimeout(50);
  for (const client of [reader, ...clients]) client.close();
  expect(reader.faults).toEqual([]);
  return reader.seen;
}

/** How many of the kills interrupted the turn that they meant to: it ran again, or was reported after its last attempt. */
function interruptions(strikes: readonly Strike[], runs: readonly Run[], reported: readonly unknown[]): number {
  const messages = [...new Set(strikes.map(({ running }) => running))];
  return messages.reduce((sum, message) => {
    const meant = strikes.filter(({ running }) => running === message).length;
    const ran = runs.filter((run) => run.message === message).length;
    return sum + Math.min(meant, reported.includes(message) ? ran : ran - 1);
  }, 0);
}
