import { ChatError } from "../protocol/errors.js";
import type { Identity } from "../server/access/identity.js";
import { identify as identifyRequest } from "../server/access/upgrade.js";
import type { Alarms } from "./alarms.js";
import type { SessionSettings } from "./settings.js";

/** A Durable Object whose class extends `ChatSessionDO`. */
export interface SessionObject {
  workkitChat(...parameters: never): unknown;
}

/** What the functions below need of a session. They are functions, so that no method of ours takes a subclass's name. */
interface Internals {
  readonly sessionId: string;
  readonly settings: SessionSettings;
  readonly alarms: Alarms;
}

const internals = new WeakMap<SessionObject, Internals>();

/** Makes a session known to the functions below. */
export function register(object: SessionObject, parts: Internals): void {
  internals.set(object, parts);
}

/**
 * Sets an alarm of a subclass's own: the option `onAlarm` is called with its name at that time, at least once. It survives eviction,
 * deploys and crashes. If `onAlarm` throws it is called again after 2 seconds, then after twice as long each time, and given up with
 * an error in the log after its 11th failure. There may be any number of alarms, and they share the object's one alarm with
 * `recoverByAlarm`: use this in place of `ctx.storage.setAlarm`.
 *
 * It costs one row written, and one more if it is the next alarm of all to go off; when it has run, one more, and one to set the next.
 *
 * @param object the session: `this` in a class that extends `ChatSessionDO`
 * @param name 1 to 256 characters; an alarm of the same name is replaced
 * @param at milliseconds since the Unix epoch, before the year 2189; a time that has passed means now; `null` cancels the alarm
 * @returns resolves once the alarm is set
 * @throws ChatError `INVALID_OPTION` for a name or a time that is not valid, or if the option `onAlarm` is not given
 *
 * @example
 * await scheduleAlarm(this, "reminder", Date.now() + 60_000);
 */
export async function scheduleAlarm(object: SessionObject, name: string, at: number | null): Promise<void> {
  await of(object).alarms.schedule(name, at);
}

/**
 * Who sends a request, for routes of a subclass's own: the same origins, the same authentication and the same identity as for a
 * connection (P6). It reads and writes no row.
 *
 * @param object the session: `this` in a class that extends `ChatSessionDO`
 * @returns the identity, or the response that refuses the request. The hook `onRefuse` is not called.
 * @throws ChatError `INVALID_OPTION` if the object is not a session
 *
 * @example
 * const identity = await identify(this, request);
 * if (identity instanceof Response) return identity;
 */
export async function identify(object: SessionObject, request: Request): Promise<Identity | Response> {
  const { sessionId, settings } = of(object);
  const decision = await identifyRequest(request, sessionId, settings);
  return "identity" in decision ? decision.identity : decision.refusal.response;
}

function of(object: SessionObject): Internals {
  const parts = internals.get(object);
  if (parts === undefined) throw new ChatError("INVALID_OPTION", "The object is no ChatSessionDO.");
  return parts;
}
