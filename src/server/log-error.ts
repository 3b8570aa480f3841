/** Logs what a function of the application threw. That may be anything, so the console may throw while it is shown. */
export function logError(failed: string, error: unknown): void {
  const what = `@workkit/chat: ${failed} failed`;
  try {
    console.error(what, error);
  } catch {
    console.error(what);
  }
}
