import { Random } from "../../test/protocol/random.js";
import { type CancelWay, type Fault, type FrameKind, spread, type WithoutTime } from "../faults.js";
import type { Plan } from "../plan.js";
import { drawClient, type PlannedClient, type PlannedRoom } from "../rooms.js";
import { STREAMING_KINDS } from "./kinds.js";

/** Who is in each room of streams: two devices of one user, another user, and those who only look on and come and go. */
const SEATS: readonly (Pick<PlannedClient, "dialect" | "role"> & Partial<PlannedClient>)[] = [
  { dialect: "v1", role: "speaker" },
  { dialect: "v1", role: "speaker" },
  { dialect: "v1", role: "speaker" },
  { dialect: "v1", role: "joiner", storage: "none" },
  { dialect: "plain deltas", role: "joiner" },
  { dialect: "plain", role: "speaker" },
];
/** Clients of a room. */
const SECOND_DEVICE = 1;

/** Frames of deltas to one fault of a kind. */
const SPACING = {
  kill: 2_500,
  abort: 400,
  cut: 60,
  halfOpen: 2_000,
  stall: 400,
  lag: 400,
  reload: 400,
  offline: 300,
  lookBack: 500,
  duplicate: 800,
  lose: 500,
  repeat: 200,
  rejoin: 40,
  cancel: 50,
  clear: 1_500,
} as const;

const LOST: readonly FrameKind[] = ["ack", "entry", "pong", "ping"];
const REPEATED: readonly FrameKind[] = ["message", "message", "cancel", "ack", "entry", "page", "next"];

/** Rooms whose replies are streamed, and what goes wrong there: each fault is due once so many frames of deltas were shown. */
export function drawStreamPlan(seed: number, deltas: number, clients: number): Plan {
  if (deltas === 0) return { rooms: [], faults: [] };
  const random = new Random(seed);
  const rooms = drawRooms(random, clients);
  const faults: Fault[] = [];
  const kinds = Object.keys(SPACING) as (keyof typeof SPACING)[];
  const canClear = rooms.some(({ kind }) => kind.isCleared);
  for (const kind of canClear ? kinds : kinds.filter((each) => each !== "clear")) {
    for (const at of spread(random, deltas, SPACING[kind])) {
      faults.push({ at, ...drawFault(kind, random, rooms) });
    }
  }
  return { rooms, faults: faults.sort((one, other) => one.at - other.at) };
}

/** As many rooms as the clients fill, of kinds that take turns from any of them on. */
function drawRooms(random: Random, clients: number): PlannedRoom[] {
  const count = Math.max(1, Math.floor(clients / SEATS.length));
  const first = random.below(STREAMING_KINDS.length);
  return Array.from({ length: count }, (_, place) => {
    const kind = STREAMING_KINDS[(first + place) % STREAMING_KINDS.length] ?? random.pick(STREAMING_KINDS);
    const seats = kind.hasPlain ? SEATS : SEATS.filter(({ dialect }) => dialect === "v1");
    const drawn = seats.map((seat, at) => ({ ...drawClient(`s${place * SEATS.length + at + 1}`, random), ...seat }));
    const [{ user } = { user: "" }] = drawn;
    return {
      path: `/${kind.name}-${place + 1}`,
      kind,
      clients: drawn.map((client, at) => (at === SECOND_DEVICE ? { ...client, user } : client)),
    };
  });
}

function drawFault(kind: keyof typeof SPACING, random: Random, rooms: readonly PlannedRoom[]): WithoutTime<Fault> {
  const room = random.pick(rooms);
  const client = random.pick(room.clients).name;
  const speaker = random.pick(room.clients.filter(({ dialect, role }) => dialect === "v1" && role === "speaker")).name;
  switch (kind) {
    case "kill":
      return { kind, when: random.pick(MOMENTS), delay: random.below(60) };
    case "abort":
      return { kind, room: room.path, when: random.pick(MOMENTS), delay: random.below(60) };
    case "clear":
      return { kind, room: random.pick(rooms.filter((each) => each.kind.isCleared)).path };
    case "cut":
      return { kind, client, how: random.pick(["reset", "torn", "torn"]) };
    case "rejoin":
      return { kind, client: random.pick(room.clients.filter(({ role }) => role === "joiner")).name };
    case "cancel":
      return { kind, client: speaker, how: random.pick(WAYS) };
    case "reload":
      return { kind, client: speaker, stranded: random.below(2) * (500 + random.below(3_000)) };
    case "stall":
      return {
        kind,
        client,
        direction: random.pick(["toServer", "toClient"]),
        milliseconds: 200 + random.below(4_000),
      };
    case "lag":
      return { kind, client, milliseconds: 20 + random.below(250), bursts: 3 + random.below(8) };
    case "offline":
      return { kind, client, milliseconds: 300 + random.below(2_000) };
    case "lose":
      return { kind, client, frame: random.pick(LOST) };
    case "repeat":
      return { kind, client, frame: random.pick(REPEATED) };
    default:
      return { kind, client };
  }
}

/** At any time, while a tool runs, or when it has run: within a step, or between two. */
const MOMENTS = ["anytime", "tool", "after tool"] as const;
/** See `Cancels`. */
const WAYS: readonly CancelWay[] = [
  "own",
  "own",
  "reply",
  "queued",
  "other device",
  "stranger",
  "rpc",
  "after reload",
  "twice",
];
