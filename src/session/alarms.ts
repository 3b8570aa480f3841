import { check, checkText, checkValue } from "../protocol/options.js";
import { logError } from "../server/log-error.js";
import type { SessionSettings } from "./settings.js";

/** Where an alarm is kept: its key in the object's key-value storage is this and its name. */
const PREFIX = "workkit_chat_alarm:";
/** Characters of a name. */
const MAX_NAME_LENGTH = 256;
/** The platform sets no alarm after the year 2189: the end of the year before it, in milliseconds. */
const MAX_TIME = 6_911_049_600_000;

/** Milliseconds after which an unfinished turn is recovered. */
const RECOVERY_DELAY = 30_000;
/** Milliseconds until `onAlarm` runs again after a failure; twice as many after each further one. */
const RETRY_DELAY = 2_000;
/** Failures in a row after which an alarm is given up: about half an hour. */
const MAX_FAILURES = 10;

interface Alarm {
  /** Milliseconds since the Unix epoch. */
  at: number;
  /** How often `onAlarm` has failed for it. */
  failures: number;
}

/** The object's one alarm, shared by the alarms that the application names and by the recovery of turns (P11). */
export class Alarms {
  /** When the object's alarm goes off at the latest. */
  #armedAt = Number.POSITIVE_INFINITY;
  /** The name that `onAlarm` runs for, unless it was scheduled again or cancelled since. */
  #running: string | undefined;

  readonly #storage: DurableObjectStorage;
  readonly #settings: SessionSettings;

  constructor(storage: DurableObjectStorage, settings: SessionSettings) {
    this.#storage = storage;
    this.#settings = settings;
  }

  /** Sets, replaces or, by `null`, cancels the alarm of this name. @throws ChatError `INVALID_OPTION` */
  async schedule(name: string, at: number | null): Promise<void> {
    checkText("name of scheduleAlarm", name, MAX_NAME_LENGTH);
    const isTime = at === null || (Number.isFinite(at) && at < MAX_TIME);
    checkValue("at of scheduleAlarm", isTime, "milliseconds since the Unix epoch before 2189 or null", at);
    check("onAlarm", this.#settings.onAlarm !== undefined, "must be given for scheduleAlarm");
    if (name === this.#running) this.#running = undefined;
    if (at === null) return this.#keep(name, undefined);
    this.#keep(name, { at, failures: 0 });
    await this.#arm(at);
  }

  /** Sees to it that unfinished turns are recovered, where the application asked for that guarantee. */
  async recover(hasUnfinished: boolean): Promise<void> {
    if (hasUnfinished && this.#settings.recoverByAlarm) await this.#arm(Date.now() + RECOVERY_DELAY);
  }

  /**
   * The object's alarm has gone off: runs what is due, one after the other, and sets the next.
   *
   * @param isRetry whether the platform runs the alarm again, because the object crashed
   */
  async run(hasUnfinished: boolean, isRetry = false): Promise<void> {
    this.#armedAt = Number.POSITIVE_INFINITY;
    await this.recover(hasUnfinished);
    for (const [key, { at }] of this.#list()) {
      if (at > Date.now()) break;
      await this.#runOne(key.slice(PREFIX.length), isRetry);
    }
    const [next] = this.#list();
    if (next !== undefined) await this.#arm(next[1].at);
  }

  async #runOne(name: string, isRetry: boolean): Promise<void> {
    const alarm = this.#storage.kv.get<Alarm>(PREFIX + name);
    if (alarm === undefined || alarm.at > Date.now()) return;
    const failures = alarm.failures + 1;
    const later = { at: Date.now() + RETRY_DELAY * 2 ** alarm.failures, failures };
    let next = failures > MAX_FAILURES ? undefined : later;
    this.#running = name;
    if (isRetry || alarm.failures > 0) {
      // It may be what crashes the object: the next try begins with the others, and is not the platform's to give up.
      this.#keep(name, next);
      await this.#arm(later.at);
      await this.#storage.sync();
      if (this.#running !== name) return;
    }
    try {
      await this.#settings.onAlarm?.(name);
      next = undefined;
    } catch (error) {
      logError(`onAlarm("${name}")`, error);
    }
    if (this.#running === name) this.#keep(name, next);
  }

  /** All alarms, the next first: one that failed and was put off stands behind those that wait. */
  #list(): [string, Alarm][] {
    return [...this.#storage.kv.list<Alarm>({ prefix: PREFIX })].sort(([, one], [, other]) => one.at - other.at);
  }

  #keep(name: string, alarm: Alarm | undefined): void {
    if (alarm === undefined) this.#storage.kv.delete(PREFIX + name);
    else this.#storage.kv.put(PREFIX + name, alarm);
  }

  /** Has the object's alarm go off then, or earlier: an earlier one is left, and sets the next when it goes off. */
  async #arm(at: number): Promise<void> {
    if (at >= this.#armedAt) return;
    this.#armedAt = at;
    const set = await this.#storage.getAlarm();
    if (set === null || set > this.#armedAt) await this.#storage.setAlarm(Math.max(1, this.#armedAt));
  }
}
