import { useMemo, useSyncExternalStore } from "react";
import { FrameLog, type InspectedFrame } from "./frame-log.js";
import { useChatClient } from "./provider.js";

export type { InspectedFrame } from "./frame-log.js";

/** The newest frames, with a function that clears them. */
export interface ChatFrames {
  /** In the order in which they were sent and received. */
  readonly frames: readonly InspectedFrame[];
  readonly clear: () => void;
}

/**
 * The frames that the client sends and receives while the component is mounted, for inspectors during development. They may hold
 * tokens.
 *
 * @param limit how many frames are kept, the newest. Default 200. A new limit clears them.
 */
export function useFrames(limit = 200): ChatFrames {
  const client = useChatClient();
  const log = useMemo(() => new FrameLog(client, limit), [client, limit]);
  const frames = useSyncExternalStore(log.subscribe, log.read, log.readOnServer);
  return useMemo(() => ({ frames, clear: log.clear }), [frames, log]);
}
