import type { Random } from "../test/protocol/random.js";
import type { PlannedRoom } from "./rooms.js";

/** What goes wrong, once so many messages were sent. */
export type Fault = { at: number } & (
  | ({ kind: "kill" } & Moment)
  | ({ kind: "abort"; room: string } & Moment)
  | { kind: "clear" | "evict" | "flood" | "noise"; room: string }
  | { kind: "cut"; client: string; how: "reset" | "torn" }
  | { kind: "halfOpen"; client: string }
  | { kind: "lookBack"; client: string }
  | { kind: "reload"; client: string; stranded: number }
  | { kind: "duplicate"; client: string }
  | { kind: "stall"; client: string; direction: "toServer" | "toClient"; milliseconds: number }
  | { kind: "lag"; client: string; milliseconds: number; bursts: number }
  | { kind: "lose" | "repeat"; client: string; frame: FrameKind }
  | { kind: "offline"; client: string; milliseconds: number }
  | { kind: "rejoin"; client: string }
  | { kind: "cancel"; client: string; how: CancelWay }
);

/** When exactly a crash comes: by default at once. */
export interface Moment {
  /** While a tool runs, or so many milliseconds after it began. */
  when?: "anytime" | "tool" | "after tool";
  delay?: number;
}

/**
 * What is cancelled, and how: the oldest turn of a client that is not over, by the id of its message (`own`) or of its reply (`reply`), from
 * its user's other device, by another user, by RPC, by the page after a reload, or twice at once; or its newest turn, which may wait (`queued`).
 */
export type CancelWay = "own" | "reply" | "queued" | "other device" | "stranger" | "rpc" | "after reload" | "twice";

/** A frame that is lost or repeated: by what it is and who sends it. */
export type FrameKind = "ack" | "entry" | "page" | "pong" | "message" | "next" | "ping" | "cancel";

/** What a fault is called in a plan. */
export type FaultKind = Fault["kind"];

/** Messages to one fault of a kind. */
const SPACING: Record<Exclude<FaultKind, "noise" | "clear" | "rejoin" | "cancel">, number> = {
  kill: 1_500,
  abort: 5_000,
  evict: 800,
  cut: 160,
  halfOpen: 3_000,
  stall: 1_000,
  reload: 1_500,
  lag: 1_000,
  duplicate: 2_000,
  lose: 1_000,
  repeat: 250,
  offline: 700,
  lookBack: 500,
  flood: 40_000,
};

/** Messages to one clear of a log, where logs are cleared. */
const CLEAR_SPACING = 2_500;

/** Messages to one spell of noise, and how many messages around it no kill may spoil it. */
const NOISE_SPACING = 50_000;
const NOISE_CALM = 6_000;

/** TCP loses no single frame, so only those are lost whose loss the protocol is able to notice. */
const LOST: readonly FrameKind[] = ["ack", "ack", "entry", "pong", "ping"];
const REPEATED: readonly FrameKind[] = ["message", "message", "message", "ack", "entry", "page", "next"];

/** The faults of a run of so many messages, in the order of their time. */
export function drawFaults(random: Random, rooms: readonly PlannedRoom[], messages: number): Fault[] {
  const faults: Fault[] = [];
  for (const kind of Object.keys(SPACING) as (keyof typeof SPACING)[]) {
    for (const at of spread(random, messages, SPACING[kind])) faults.push({ at, ...drawFault(kind, random, rooms) });
  }
  const cleared = rooms.filter(({ kind }) => kind.isCleared);
  for (const at of cleared.length > 0 ? spread(random, messages, CLEAR_SPACING) : []) {
    faults.push({ at, kind: "clear", room: random.pick(cleared).path });
  }
  const loud = rooms.find(({ kind }) => kind.name === "loud");
  if (loud === undefined) return faults.sort((one, other) => one.at - other.at);
  const spells = spread(random, messages, NOISE_SPACING);
  const calm = Math.min(NOISE_CALM, messages / 8);
  const spared = faults.filter(
    ({ kind, at }) => kind !== "kill" || !spells.some((spell) => at > spell - calm / 10 && at < spell + calm),
  );
  return [...spared, ...spells.map((at) => ({ at, kind: "noise" as const, room: loud.path }))].sort(
    (one, other) => one.at - other.at,
  );
}

/** One time in each stretch of `spacing`, anywhere in it, and one at least. */
export function spread(random: Random, messages: number, spacing: number): number[] {
  const stretch = Math.min(messages, spacing);
  return Array.from({ length: Math.floor(messages / stretch) }, (_, place) => place * stretch + random.below(stretch));
}

function drawFault(kind: keyof typeof SPACING, random: Random, rooms: readonly PlannedRoom[]): WithoutTime<Fault> {
  const room = random.pick(rooms);
  const client = random.pick(room.clients).name;
  switch (kind) {
    case "kill":
      return { kind };
    case "abort":
    case "evict":
      return { kind, room: room.path };
    case "flood":
      return { kind, room: random.pick(rooms.filter((each) => each.kind.limited || rooms.length < 4)).path };
    default:
      return drawHarm(kind, client, random, rooms);
  }
}

/** What happens to one client. */
function drawHarm(
  kind: Exclude<Extract<Fault, { client: string }>["kind"], "rejoin" | "cancel">,
  client: string,
  random: Random,
  rooms: readonly PlannedRoom[],
): WithoutTime<Fault> {
  switch (kind) {
    case "cut":
      return { kind, client, how: random.pick(["reset", "reset", "torn"]) };
    case "halfOpen":
    case "lookBack":
    case "duplicate":
      return { kind, client };
    case "reload":
      return {
        kind,
        client: forgotten(random, rooms) ?? client,
        stranded: random.below(2) * (1_000 + random.below(8_000)),
      };
    case "stall":
      return {
        kind,
        direction: random.pick(["toServer", "toClient"]),
        milliseconds: 200 + random.below(9_000),
        client: forgotten(random, rooms) ?? client,
      };
    case "lag":
      return {
        kind,
        client: hurried(random, rooms) ?? client,
        milliseconds: 20 + random.below(250),
        bursts: 3 + random.below(8),
      };
    case "lose":
      return { kind, client, frame: random.pick(LOST) };
    case "repeat":
      return { kind, client, frame: random.pick(REPEATED) };
    case "offline":
      return { kind, client: forgotten(random, rooms) ?? client, milliseconds: 300 + random.below(3_500) };
  }
}

/** Half of those whose frames come in bursts send them where they may be refused, some after others. */
function hurried(random: Random, rooms: readonly PlannedRoom[]): string | undefined {
  return someOf(
    random,
    rooms.filter(({ kind }) => kind.limited),
  );
}

/** Half of those who are away, held up or gone are so in a room that soon forgets what they miss, or have said. */
function forgotten(random: Random, rooms: readonly PlannedRoom[]): string | undefined {
  return someOf(
    random,
    rooms.filter(({ kind }) => kind.maxStoredMessages <= 200),
  );
}

/** Every other time a client of these rooms. */
function someOf(random: Random, rooms: readonly PlannedRoom[]): string | undefined {
  return random.below(2) === 0 && rooms.length > 0 ? random.pick(random.pick(rooms).clients).name : undefined;
}

/** A fault whose time is not drawn yet. */
export type WithoutTime<Of> = Of extends unknown ? Omit<Of, "at"> : never;
