import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds in which a server that has answered all it was sent comes to rest. */
const REST = 5;

/**
 * CPU time of a process in nanoseconds, all its threads together, once it is at rest: what it does after its last answer counts
 * too. The scheduler's own account is exact for threads that sleep, where `/proc/PID/stat` counts ticks of 10 ms. Linux only.
 */
export async function cpuNanoseconds(pid: number): Promise<number> {
  await wait(REST);
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce((sum, task) => sum + taskNanoseconds(`${tasks}/${task}/schedstat`), 0);
}

/** Bytes of memory that a process holds. Linux only. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

function taskNanoseconds(file: string): number {
  try {
    return Number(readFileSync(file, "utf8").split(" ", 1)[0]);
  } catch {
    // A thread that has just ended.
    return 0;
  }
}
