import { ChatError } from "../protocol/errors.js";

interface Listenable {
  addEventListener(type: string, listener: () => void, options: { signal: AbortSignal }): void;
}

/**
 * Calls `wake` when a network comes back, or a page that slept is looked at again, where the runtime tells of it. Returns
 * how to end that.
 */
export function onWake(wake: () => void): () => void {
  const ending = new AbortController();
  const listen = (target: unknown, type: string, listener: () => void): void => {
    if (isListenable(target)) target.addEventListener(type, listener, ending);
  };
  // Servers have global listeners too, but no network that comes and goes.
  if (find("navigator", "onLine") === undefined) return () => undefined;
  listen(globalThis, "online", wake);
  listen(globalThis, "pageshow", wake);
  listen(find("document"), "visibilitychange", () => find("document", "visibilityState") === "visible" && wake());
  return () => ending.abort();
}

/** What the runtime has under a global name, whichever runtime it is. */
export function find(name: string, property?: string): unknown {
  const found: unknown = Reflect.get(globalThis, name);
  return property === undefined ? found : Object(found)[property];
}

/** The error of what needs a global that is not there. */
export function missing(name: string, option: string): ChatError {
  return new ChatError("UNSUPPORTED_RUNTIME", `There is no ${name} here${option}.`);
}

/** Whether a value has a property, whatever it is. */
export function has(value: unknown, property: string): boolean {
  return property in Object(value);
}

function isListenable(target: unknown): target is Listenable {
  return has(target, "addEventListener");
}
