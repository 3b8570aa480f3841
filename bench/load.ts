import type { LoadSocket } from "./load-socket.js";
import { cpuNanoseconds } from "./process.js";
import type { Sample } from "./rounds.js";
import { quantile } from "./statistics.js";

/** A load in a closed loop: each answer lets out the next message, so that `window` of them are always in flight. */
export interface Load {
  sender: LoadSocket;
  /** Those that each message reaches; the sender itself where it gets a reply. */
  receivers: readonly LoadSocket[];
  /** The text of the next message. */
  next: () => string;
  /** What is in a frame that counts: a reply, the relayed message. Acks and hellos are ignored. */
  marker: string;
  window: number;
  count: number;
}

/** How long a load may stand still before the bench is given up, in milliseconds. */
const TIMEOUT_MS = 60_000;

/** Runs a load to its end, and says how long each message took until all its receivers had it. */
export async function drive({ sender, receivers, next, marker, window, count }: Load): Promise<Omit<Sample, "value">> {
  const begun = performance.now();
  const times: number[] = [];
  const latencies: number[] = [];
  const send = () => {
    times.push(performance.now());
    sender.send(next());
  };
  await settled((resolve) => {
    let frames = 0;
    const onFrame = (payload: Buffer) => {
      if (!payload.includes(marker)) return;
      frames++;
      // Answers come in the order of the messages: as many frames as there are receivers end the oldest.
      if (frames % receivers.length !== 0) return;
      latencies.push(performance.now() - (times[latencies.length] ?? Number.NaN));
      if (latencies.length === count) resolve();
      else if (times.length < count) send();
    };
    for (const receiver of receivers) receiver.onFrame = onFrame;
    for (let sent = 0; sent < Math.min(window, count); sent++) send();
  });
  const seconds = (performance.now() - begun) / 1000;
  const microseconds = (share: number) => quantile(latencies, share) * 1000;
  return { p50: microseconds(0.5), p99: microseconds(0.99), perSecond: count / seconds };
}

/** Microseconds of CPU that a process spends on each of `count` things that `work` makes it do. */
export async function measureCpu<Result>(
  pid: number,
  count: number,
  work: () => Promise<Result>,
): Promise<Result & { value: number }> {
  const before = await cpuNanoseconds(pid);
  const result = await work();
  return { ...result, value: ((await cpuNanoseconds(pid)) - before) / 1000 / count };
}

/** A promise that is given up when it does not come: a lost message must end a run, not hang it. */
async function settled(begin: (resolve: () => void) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    reject(new Error(`The load stood still for ${TIMEOUT_MS / 1000} s: a message or its answer was lost or refused.`));
  }, TIMEOUT_MS);
  try {
    begin(resolve);
    await promise;
  } finally {
    clearTimeout(timer);
  }
}
