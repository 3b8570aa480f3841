import { setTimeout as wait } from "node:timers/promises";
import { flood, noise } from "./abuse.js";
import type { Fault, FrameKind, Moment } from "./faults.js";
import type { Host } from "./host.js";
import type { Direction } from "./link.js";
import type { Player } from "./player.js";
import type { FaultProxy } from "./proxy.js";
import type { Witness } from "./records.js";
import type { Cancels } from "./streams/cancels.js";
import type { StandIn } from "./streams/stand-in.js";

/** How long a client that is about to be gone goes on talking into the void, in milliseconds. */
const LAST_WORDS = 200;
/** How long a crash waits for a tool that is to run, in milliseconds. */
const TOOL_TIMEOUT_MS = 1_000;

/** How often each thing went wrong: only what struck is counted. */
export interface Struck {
  cuts: number;
  halfOpens: number;
  stalls: number;
  lags: number;
  framesLost: number;
  framesRepeated: number;
  offline: number;
  reloads: number;
  rejoins: number;
  floods: number;
  floodersClosed: number;
  slowReaders: number;
  slowReadersHeld: number;
}

/** The counts before anything was struck. */
export function noneStruck(): Struck {
  return {
    cuts: 0,
    halfOpens: 0,
    stalls: 0,
    lags: 0,
    framesLost: 0,
    framesRepeated: 0,
    offline: 0,
    reloads: 0,
    rejoins: 0,
    floods: 0,
    floodersClosed: 0,
    slowReaders: 0,
    slowReadersHeld: 0,
  };
}

/** Makes the faults of a plan happen. */
export class Executor {
  readonly struck = noneStruck();
  /** What flooders said, by room. */
  readonly flooders = new Map<string, Witness[]>();
  readonly #host: Host;
  readonly #proxy: FaultProxy;
  readonly #participants: ReadonlyMap<string, Player>;
  readonly #standIn: StandIn;
  readonly #cancels: Cancels;
  /** Kills wait for each other. */
  #restarts: Promise<void> = Promise.resolve();
  readonly #underWay = new Set<Promise<void>>();
  #isFinished = false;

  constructor(reach: {
    host: Host;
    proxy: FaultProxy;
    participants: ReadonlyMap<string, Player>;
    standIn: StandIn;
    cancels: Cancels;
  }) {
    this.#host = reach.host;
    this.#proxy = reach.proxy;
    this.#participants = reach.participants;
    this.#standIn = reach.standIn;
    this.#cancels = reach.cancels;
  }

  /** Strikes no more. Resolves when nothing that takes its time is in progress. Rejects if workerd did not start again. */
  async finished(): Promise<void> {
    this.#isFinished = true;
    await this.#restarts;
    await Promise.all(this.#underWay);
  }

  strike(fault: Fault): void {
    if (this.#isFinished) return;
    switch (fault.kind) {
      case "kill":
        this.#restarts = this.#restarts.then(() => this.#moment(fault)).then(() => this.#host.restart());
        // `finished` reports it.
        this.#restarts.catch(() => undefined);
        return;
      case "abort":
        return this.#begin(this.#moment(fault).then(() => this.#host.abort(fault.room)));
      case "clear":
        return this.#begin(this.#host.clear(fault.room));
      case "evict":
        return this.#begin(this.#host.evict(fault.room));
      case "flood":
        return this.#begin(this.#flood(fault.room));
      case "noise":
        return this.#begin(this.#makeNoise(fault.room));
      case "offline":
        this.struck.offline += 1;
        return this.#participants.get(fault.client)?.offline(fault.milliseconds);
      case "reload":
        return this.#reload(fault);
      case "lookBack":
        return this.#participants.get(fault.client)?.lookBack();
      case "duplicate":
        return this.#duplicate(fault.client);
      case "rejoin":
        this.struck.rejoins += 1;
        return this.#participants.get(fault.client)?.rejoin();
      case "cancel":
        return this.#cancels.strike(fault.client, fault.how);
      default:
        return this.#harm(fault);
    }
  }

  #harm(fault: Extract<Fault, { kind: "cut" | "halfOpen" | "stall" | "lag" | "lose" | "repeat" }>): void {
    const link = this.#proxy.link(fault.client);
    if (link === undefined) return;
    switch (fault.kind) {
      case "cut":
        this.struck.cuts += 1;
        return link.cut(fault.how);
      case "halfOpen":
        this.struck.halfOpens += 1;
        return link.freeze();
      case "stall":
        this.struck.stalls += 1;
        return link.stall(fault.direction, fault.milliseconds);
      case "lag":
        this.struck.lags += 1;
        return link.lag(fault.milliseconds, fault.bursts);
      default:
        return link.arm(SENDERS[fault.frame], {
          matches: (text) => kindOf(text) === fault.frame,
          copies: fault.kind === "lose" ? 0 : 2,
          applied: () => {
            if (fault.kind !== "lose") this.struck.framesRepeated += 1;
            else {
              this.struck.framesLost += 1;
              this.#participants.get(fault.client)?.streams?.view.lost();
            }
          },
        });
    }
  }

  /** Resolves when a crash is to come. */
  async #moment({ when = "anytime", delay = 0 }: Moment): Promise<void> {
    if (when === "anytime") return;
    await Promise.race([this.#standIn.toolBegins(), wait(TOOL_TIMEOUT_MS)]);
    if (when === "after tool") await wait(delay);
  }

  /** A connection is duplicated from its beginning, so the client is made to begin one. */
  #duplicate(client: string): void {
    this.#proxy.duplicateNext(client);
    this.#harm({ at: 0, kind: "cut", client, how: "reset" });
  }

  /**
   * The client is gone without a word, as when its page crashes, and comes back with what it had kept. What it said last
   * is lost with its connection, or stranded in the network for so many milliseconds.
   */
  #reload({ client, stranded }: Extract<Fault, { kind: "reload" }>): void {
    const participant = this.#participants.get(client);
    if (participant?.keepsUnsent !== true) return;
    this.struck.reloads += 1;
    const link = this.#proxy.link(client);
    if (stranded === 0) {
      link?.cut("reset");
      return participant.reload();
    }
    link?.stall("toServer", stranded);
    this.#begin(wait(LAST_WORDS).then(() => participant.reload()));
  }

  async #flood(room: string): Promise<void> {
    this.struck.floods += 1;
    const { witness, closed } = await flood(this.#host, room, `flood${this.struck.floods}`);
    if (closed) this.struck.floodersClosed += 1;
    this.flooders.set(room, [...(this.flooders.get(room) ?? []), witness]);
  }

  async #makeNoise(room: string): Promise<void> {
    const { readers, held } = await noise(this.#host, room);
    this.struck.slowReaders += readers;
    this.struck.slowReadersHeld += held;
  }

  #begin(task: Promise<void>): void {
    const settled = task.finally(() => this.#underWay.delete(settled));
    settled.catch(() => undefined);
    this.#underWay.add(settled);
  }
}

const SENDERS: Record<FrameKind, Direction> = {
  ack: "toClient",
  entry: "toClient",
  page: "toClient",
  pong: "toClient",
  message: "toServer",
  next: "toServer",
  cancel: "toServer",
  ping: "toServer",
};

/** Which of the kinds a frame is. */
function kindOf(text: string): string {
  const { type, seq, id } = JSON.parse(text === "" ? "{}" : text);
  if (type === "message") return seq === undefined ? "message" : "entry";
  return seq !== undefined && id !== undefined && type !== "ack" ? "entry" : String(type);
}
