/** Whether the device has a network, as far as the browser knows. The client itself finds a silent outage by its heartbeat only. */
export function isOnline(): boolean {
  return navigator.onLine;
}

/**
 * Calls `listener` as soon as the browser loses the network or finds it again.
 *
 * @returns a function that ends this
 */
export function onNetwork(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}
