/** With it, what an object waits for keeps it in memory although no client is connected: since the compatibility date 2026-10-01. */
const FLAG = "durable_object_io_tasks_prevent_eviction";

let isWarned = false;

/** Warns, once in an isolate, that a session whose clients have all left may be evicted while it streams a reply. */
export function warnOfEviction(): void {
  if (isWarned || Reflect.get(globalThis, "Cloudflare")?.compatibilityFlags?.[FLAG] === true) return;
  isWarned = true;
  console.warn(
    "@workkit/chat: The object may be evicted while it streams a reply that nobody watches. Set compatibility_date to 2026-10-01 or later, " +
      `or the compatibility flag ${FLAG}.`,
  );
}
