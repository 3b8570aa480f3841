import type { Batcher } from "../server/receive/batcher.js";
import type { Broadcaster } from "./broadcaster.js";
import type { CommitQueue } from "./commit-queue.js";
import type { Connections } from "./connections.js";
import type { Log } from "./log/log.js";
import type { OpenCalls } from "./open-calls.js";
import type { SessionSettings } from "./settings.js";

/** What the parts of a session that is awake have in common. */
export interface SessionContext {
  readonly sessionId: string;
  readonly settings: SessionSettings;
  readonly log: Log;
  readonly connections: Connections;
  readonly broadcaster: Broadcaster;
  readonly queue: CommitQueue;
  readonly batcher: Batcher;
  readonly calls: OpenCalls;
  /** Lets no event in until the action has ended. */
  block(action: () => Promise<void>): Promise<void>;
}
