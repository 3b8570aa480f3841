import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "../../test/protocol/random.js";
import { named } from "./records.js";
import { Window } from "./window.js";

const MOST_CALLS = 3;
const LOOKING = 5;
/** How long nothing may move before a question is given up, in milliseconds. The checker then says what is missing. */
const GIVEN_UP = 20_000;

/** How a reply that waits for answers goes on: see `Room.#play`. */
const WAYS = ["both", "both", "both", "closed", "regenerated", "stale", "late"] as const;

/** What happened in a room, so that its silence means something. */
export interface CallFigures {
  questions: number;
  stale: number;
  late: number;
}

/** One room: two windows of Ada, who asks, and one of Ben, who may answer as well. */
export class Room {
  readonly windows: readonly [Window, Window, Window];
  readonly figures: CallFigures = { questions: 0, stale: 0, late: 0 };
  readonly path: string;
  readonly #random: Random;
  readonly #strike: () => void;

  /** @param strike kills the server soon, or not */
  constructor(path: string, url: (path: string) => string, random: Random, strike: () => void) {
    this.path = path;
    this.#random = random;
    this.#strike = strike;
    const open = (user: string, name: string) => new Window(name, () => url(`${path}?as=${user}`), random);
    this.windows = [open("ada", "ada 1"), open("ada", "ada 2"), open("ben", "ben")];
  }

  /** Asks questions until it is told to stop. */
  async play(questions: number, isOver: () => boolean): Promise<void> {
    for (let count = 1; count <= questions && !isOver(); count++) {
      await this.#ask(`q${count}`);
      this.figures.questions += 1;
    }
  }

  /** Resolves when everybody knows what became of all that they have sent, or nothing moves. */
  settled(): Promise<boolean> {
    return this.#until(() => this.windows.every(({ isSettled }) => isSettled));
  }

  async #ask(id: string): Promise<void> {
    const [ada] = this.windows;
    const calls = 1 + this.#random.below(MOST_CALLS);
    ada.client.send({ id, content: id, metadata: { calls } });
    if (await this.#isAsked(id, calls)) await this.#play(this.#random.pick(WAYS), id, calls);
    await this.settled();
  }

  /**
   * - `both`: everyone answers all calls at once.
   * - `closed`: Ada says something else before the last answer, and Ben answers all the same.
   * - `regenerated`: both windows of Ada have it generated again, while Ben answers.
   * - `stale`: it is answered, generated again, and then one window asks for the old one again.
   * - `late`: everyone answers when the calls have expired, where they do.
   */
  async #play(way: (typeof WAYS)[number], id: string, calls: number): Promise<void> {
    const [ada, other, ben] = this.windows;
    const reply = named(ada.callsOf(id)[0] ?? { seq: 0, id: "", type: "", role: "" }, "reply");
    if (way === "late" && this.path.startsWith("/hasty")) {
      const expires = Number(ada.callsOf(id)[0]?.metadata?.["expiresAt"]);
      await wait(Math.max(0, expires - Date.now()) + 1);
      this.figures.late += calls;
    }
    if (way === "closed") {
      this.#answer([ben], id, calls - 1);
      other.client.send("Never mind.");
      this.#answer([ben], id);
    } else if (way === "regenerated") {
      for (const window of [ada, other]) window.client.regenerate(reply);
      this.#answer([ben], id);
    } else this.#answer(this.windows, id);
    this.#strike();
    if (way !== "stale") return;
    await this.settled();
    const next = ada.client.regenerate(reply);
    this.#strike();
    if (next !== undefined) await this.#until(() => ada.callsOf(next).length > 0);
    other.client.regenerate(reply);
    this.figures.stale += 1;
  }

  /** Answers calls from several windows, each in an order of its own. */
  #answer(windows: readonly Window[], id: string, most = MOST_CALLS): void {
    for (const window of windows) {
      const calls = this.windows[0].callsOf(id).slice(0, most);
      if (this.#random.below(2) === 0) calls.reverse();
      for (const call of calls) window.client.answer(call.id, { approved: this.#random.below(4) > 0 });
    }
  }

  #isAsked(id: string, calls: number): Promise<boolean> {
    return this.#until(() => this.windows.every((window) => window.callsOf(id).length === calls));
  }

  /** Waits for something. Resolves with whether it came. */
  async #until(holds: () => boolean): Promise<boolean> {
    const givenUp = performance.now() + GIVEN_UP;
    while (!holds()) {
      if (performance.now() > givenUp) return false;
      await wait(LOOKING);
    }
    return true;
  }
}
