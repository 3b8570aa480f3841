interface Listenable {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/**
 * Calls `wake` when a network comes back, or a page that slept is looked at again, where the runtime tells of it. Returns
 * how to end that.
 */
export function onWake(wake: () => void): () => void {
  const undo: (() => void)[] = [];
  const listen = (target: unknown, type: string, listener: () => void): void => {
    if (!isListenable(target)) return;
    target.addEventListener(type, listener);
    undo.push(() => target.removeEventListener(type, listener));
  };
  // Servers have global listeners too, but no network that comes and goes.
  if (find("navigator", "onLine") === undefined) return () => undefined;
  listen(globalThis, "online", wake);
  listen(globalThis, "pageshow", wake);
  listen(find("document"), "visibilitychange", () => find("document", "visibilityState") === "visible" && wake());
  return () => {
    for (const end of undo) end();
  };
}

/** What the runtime has under a global name, whichever runtime it is. */
export function find(name: string, property?: string): unknown {
  const found: unknown = Reflect.get(globalThis, name);
  if (property === undefined || typeof found !== "object" || found === null) return property ? undefined : found;
  return Reflect.get(found, property);
}

function isListenable(target: unknown): target is Listenable {
  return typeof target === "object" && target !== null && "addEventListener" in target;
}
