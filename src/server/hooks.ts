import type { CloseReason } from "../protocol/close-codes.js";
import type { ChatMessage } from "../protocol/envelope.js";
import type { ChatError } from "../protocol/errors.js";
import { callback, type OptionsOf } from "../protocol/options.js";
import type { Identity } from "./access/identity.js";
import { copyOf } from "./copy.js";
import { logError } from "./log-error.js";
import type { Draft } from "./turn/context.js";

/** A connection, as hooks are given it. */
export interface ConnectionEvent {
  /** The session: the object's name, or what `handleUpgrade` was given. */
  sessionId: string;
  /** A UUID, new for each connection. */
  connectionId: string;
  /** The identity that `authenticate` decided on: a copy. */
  identity: Identity;
}

/** The second argument of `onLive`. */
export interface LiveContext {
  /**
   * Sends an ephemeral envelope to the connection; whether it is still there to take it.
   *
   * @throws ChatError `INVALID_OPTION` for what is no draft
   */
  send(draft: Draft): boolean;
}

/** The end of a connection. */
export interface DisconnectEvent extends ConnectionEvent {
  /** The close code: the server's if it closed the connection, else the client's; 1006 if the connection was lost. */
  code: number;
  /** The close reason, at most 123 bytes; empty if there is none. */
  reason: string;
}

/** An upgrade that was refused. */
export interface RefuseEvent {
  /** The session that the upgrade was for. */
  sessionId: string;
  /** The close code that a v1 client is refused with. */
  code: number;
  /** The name of that code in `CLOSE_CODES`. */
  reason: CloseReason;
  /** The HTTP status that others are refused with. */
  status: number;
}

/** What happened to a frame. */
export interface FrameEvent<Stage extends string> {
  stage: Stage;
  sessionId: string;
  connectionId: string;
  /** Bytes of the frame, as UTF-8. */
  bytes: number;
  /** The envelope in the frame, if it has one and it is known: a copy. */
  message?: ChatMessage;
  /** Why the frame was rejected, or how its turn failed: a copy. */
  error?: ChatError;
}

/** A frame of a client: `received`, then `rejected`, or `decoded` and, when its turn has ended, `handled`. */
export type FrameInEvent = FrameEvent<"received" | "decoded" | "handled" | "rejected">;
/** A frame to a client. */
export type FrameOutEvent = FrameEvent<"sent" | "send-failed">;

/** The hooks: options by which an application may watch. */
export const HOOKS = {
  /**
   * Called when a connection has been accepted.
   * @default none
   */
  onConnect: callback<(event: ConnectionEvent) => unknown>(),
  /**
   * Called when a connection has become live: on v1 after its hello and its replay, on plain after its replay. `context.send` sends an
   * envelope to this connection alone. It costs no row. A connection whose replay takes pages may become live after a wake-up.
   * @default none
   */
  onLive: callback<(connection: ConnectionEvent, context: LiveContext) => unknown>(),
  /**
   * Called exactly once for each `onConnect`, when the server closes the connection or the client leaves; never where the object
   * dies (P7).
   * @default none
   */
  onDisconnect: callback<(event: DisconnectEvent) => unknown>(),
  /**
   * Called for each upgrade that is refused.
   * @default none
   */
  onRefuse: callback<(event: RefuseEvent) => unknown>(),
  /**
   * Called for each frame that arrives: `received`, then `rejected`, or `decoded` and, when its turn has ended, `handled`.
   * @default none
   */
  onFrameIn: callback<(event: FrameInEvent) => unknown>(),
  /**
   * Called for each frame that is sent to a connection.
   * @default none
   */
  onFrameOut: callback<(event: FrameOutEvent) => unknown>(),
};

/**
 * What an application may watch. A hook is given copies: what it changes in them, throws or rejects with changes nothing for
 * the traffic.
 */
export type Hooks = OptionsOf<typeof HOOKS>;

/** A connection as hooks are shown it. What they do to its identity changes nothing. */
export function toConnectionEvent(sessionId: string, { id, identity }: { id: string; identity: Identity }) {
  return { sessionId, connectionId: id, identity: copyOf(identity) } satisfies ConnectionEvent;
}

/** Calls a hook and keeps what it throws away from the traffic. */
export function notify<Event extends unknown[]>(
  hook: ((...event: Event) => unknown) | undefined,
  ...event: Event
): void {
  if (hook === undefined) return;
  try {
    Promise.resolve(hook(...event)).catch(report);
  } catch (error) {
    report(error);
  }
}

const report = (error: unknown): void => logError("a hook", error);
