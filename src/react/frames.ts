import { useMemo, useSyncExternalStore } from "react";
import { FrameLog, type InspectedFrame } from "./frame-log.js";
import { useChatClient } from "./provider.js";

export type { InspectedFrame } from "./frame-log.js";

/** What went over the wire, and how to forget it. */
export interface ChatFrames {
  /** The newest, oldest of them first. */
  readonly frames: readonly InspectedFrame[];
  readonly clear: () => void;
}

/**
 * The frames that the client sends and receives while this is mounted, for inspectors during development. Where no component
 * uses it, it costs nothing.
 *
 * @param limit frames that are kept, the newest; default 200. With another limit it begins anew.
 */
export function useFrames(limit = 200): ChatFrames {
  const client = useChatClient();
  const log = useMemo(() => new FrameLog(client, limit), [client, limit]);
  const frames = useSyncExternalStore(log.subscribe, log.read, log.readOnServer);
  return useMemo(() => ({ frames, clear: log.clear }), [frames, log]);
}
