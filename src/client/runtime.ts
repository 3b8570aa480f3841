import { ChatError } from "../protocol/errors.js";

/**
 * Calls `resume` when the network is back, or a page that was hidden or frozen is visible again, in a runtime that has such
 * events. Returns a function that ends this.
 */
export function onResume(resume: () => void): () => void {
  const abort = new AbortController();
  const listen = (target: unknown, type: string, listener: () => void) =>
    hasProperty<EventTarget>(target, "addEventListener") && target.addEventListener(type, listener, abort);
  // Servers have a global `addEventListener`, too, and no such events.
  if (getGlobal("navigator", "onLine") !== undefined) {
    listen(globalThis, "online", resume);
    listen(globalThis, "pageshow", resume);
    listen(
      getGlobal("document"),
      "visibilitychange",
      () => getGlobal("document", "visibilityState") === "visible" && resume(),
    );
  }
  return () => abort.abort();
}

/** The value of a global, or of one of its properties, in any runtime. */
export function getGlobal(name: string, property?: string): unknown {
  const value: unknown = Object(globalThis)[name];
  return property ? Object(value)[property] : value;
}

/**
 * The value of a global, recognized by one of its properties.
 *
 * @param advice what to do without it, as a sentence
 * @throws ChatError `UNSUPPORTED_RUNTIME` if the runtime has none
 */
export function requireGlobal<Type>(name: string, property: string, advice = ""): Type {
  const value = getGlobal(name);
  if (hasProperty<Type>(value, property)) return value;
  throw new ChatError("UNSUPPORTED_RUNTIME", `This runtime has no ${name}. ${advice}`);
}

/** Whether a value is of a type, recognized by one of its properties: it may come from another realm or a library. */
export function hasProperty<Type>(value: unknown, property: string): value is Type {
  return property in Object(value);
}
