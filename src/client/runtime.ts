import { ChatError } from "../protocol/errors.js";

/**
 * Calls `wake` when a network comes back, or a page that slept is looked at again, where the runtime tells of it. Returns
 * how to end that.
 */
export function onResume(wake: () => void): () => void {
  const ending = new AbortController();
  const listen = (target: unknown, type: string, listener: () => void) =>
    hasProperty<EventTarget>(target, "addEventListener") && target.addEventListener(type, listener, ending);
  // Servers have global listeners too, but no network that comes and goes.
  if (getGlobal("navigator", "onLine") !== undefined) {
    listen(globalThis, "online", wake);
    listen(globalThis, "pageshow", wake);
    listen(
      getGlobal("document"),
      "visibilitychange",
      () => getGlobal("document", "visibilityState") === "visible" && wake(),
    );
  }
  return () => ending.abort();
}

/** What the runtime has under a global name, whichever runtime it is. */
export function getGlobal(name: string, property?: string): unknown {
  const found: unknown = Object(globalThis)[name];
  return property ? Object(found)[property] : found;
}

/**
 * What the runtime has under a global name, known by one of its properties.
 *
 * @throws ChatError `UNSUPPORTED_RUNTIME` where there is none, with what to do
 */
export function requireGlobal<Type>(name: string, property: string, advice = ""): Type {
  const found = getGlobal(name);
  if (hasProperty<Type>(found, property)) return found;
  throw new ChatError("UNSUPPORTED_RUNTIME", `There is no ${name}${advice}.`);
}

/** Whether a value is of a type, known by one of its properties: whichever realm or library it comes from. */
export function hasProperty<Type>(value: unknown, property: string): value is Type {
  return property in Object(value);
}
