import type { ChatMessage } from "../protocol/envelope.js";
import type { ChatError } from "../protocol/errors.js";
import type { Identity } from "./identity.js";
import { logError } from "./log-error.js";

/** A connection, as the application sees it. */
export interface ConnectionEvent {
  sessionId: string;
  connectionId: string;
  identity: Identity;
}

export interface DisconnectEvent extends ConnectionEvent {
  /** The close code, 1006 where the connection was lost. */
  code: number;
  reason: string;
}

/** What became of a frame. `message` and `error` are there where they are known. */
export interface FrameEvent<Stage extends string> {
  stage: Stage;
  sessionId: string;
  connectionId: string;
  /** Bytes of the frame as UTF-8. */
  bytes: number;
  message?: ChatMessage;
  error?: ChatError;
}

/** A frame is `received`, then `rejected`, or `decoded` and, when its turn is over, `handled`. */
export type FrameInEvent = FrameEvent<"received" | "decoded" | "handled" | "rejected">;
export type FrameOutEvent = FrameEvent<"sent" | "send-failed">;

/**
 * What an application may watch. A hook is given copies: what it changes in them, throws or rejects with changes nothing for
 * the traffic.
 */
export interface Hooks {
  onConnect?: (event: ConnectionEvent) => unknown;
  onDisconnect?: (event: DisconnectEvent) => unknown;
  onFrameIn?: (event: FrameInEvent) => unknown;
  onFrameOut?: (event: FrameOutEvent) => unknown;
}

/** Calls a hook and keeps what it throws away from the traffic. */
export function notify<Event>(hook: ((event: Event) => unknown) | undefined, event: Event): void {
  if (hook === undefined) return;
  try {
    Promise.resolve(hook(event)).catch(report);
  } catch (error) {
    report(error);
  }
}

const report = (error: unknown): void => logError("a hook", error);
