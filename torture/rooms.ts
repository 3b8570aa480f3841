import type { LinkQuality } from "../siege/link.js";
import type { Random } from "../test/protocol/random.js";
import { KINDS, type RoomKind } from "./kinds.js";

/** A room of the run, with those who talk in it. */
export interface PlannedRoom {
  /** Its path at the worker: its name after a slash. */
  path: string;
  kind: RoomKind;
  clients: PlannedClient[];
}

/** One client of the run, and what it is to do. */
export interface PlannedClient {
  name: string;
  /** Who it is to the server; a user may have two clients. */
  user: string;
  /** How many messages it sends. */
  messages: number;
  /** Whether what it has not sent outlives it, and how long it takes to keep that. */
  storage: "none" | "quick" | "slow";
  /** What it speaks; plain with or without the frames of streams. */
  dialect: "v1" | "plain" | "plain deltas";
  /** Whether it sends messages, or looks on, and comes back as a new client each time that it joins. */
  role: "speaker" | "joiner";
  /** What its link to the server is like. */
  link: LinkQuality;
  /** Draws what it says. */
  seed: number;
}

const KIB = 1_024;

/** On the same machine, in the same country, and far away behind a narrow line. */
const LINKS: readonly ((random: Random) => LinkQuality)[] = [
  () => ({}),
  (random) => ({ delayMs: 2 + random.below(20) }),
  (random) => ({
    delayMs: 10 + random.below(50),
    uploadRate: (32 + random.below(96)) * KIB,
    downloadRate: (128 + random.below(384)) * KIB,
  }),
];

/** How many clients a room has at least, and so a run. */
export const LEAST_IN_ROOM = 2;
const MOST_IN_ROOM = 6;
const MEAN_IN_ROOM = 4;

/** Deals clients to rooms, of each kind some, and messages to clients. */
export function drawRooms(random: Random, clients: number, messages: number): PlannedRoom[] {
  const most = Math.floor(clients / LEAST_IN_ROOM);
  const count = Math.min(most, Math.max(Math.ceil(clients / MEAN_IN_ROOM), Math.min(most, KINDS.length)));
  const rooms = Array.from({ length: count }, (_, place): PlannedRoom => {
    const kind = KINDS[place % KINDS.length] ?? random.pick(KINDS);
    return { path: `/${kind.name}-${place + 1}`, kind, clients: [] };
  });
  for (let place = 0; place < clients; place++) {
    const open = rooms.filter((room) => room.clients.length < MOST_IN_ROOM);
    const room = place < count * LEAST_IN_ROOM ? rooms[place % count] : random.pick(open);
    if (room !== undefined) addClient(room, place, random);
  }
  shareOut(rooms, messages);
  return rooms;
}

/** Every third to come to a room is the first one's second device. */
function addClient({ kind, clients }: PlannedRoom, place: number, random: Random): void {
  const client = drawClient(`c${String(place + 1).padStart(2, "0")}`, random);
  if (clients.length === 2 && clients[0] !== undefined) client.user = clients[0].user;
  if (kind.hasPlain && clients.length % 2 === 1) client.dialect = "plain";
  clients.push(client);
}

/** A client of a user of its own. */
export function drawClient(name: string, random: Random): PlannedClient {
  return {
    name,
    user: `u-${name}`,
    messages: 0,
    storage: random.pick(["none", "quick", "slow"] as const),
    dialect: "v1",
    role: "speaker",
    link: random.pick(LINKS)(random),
    seed: 1 + random.below(2 ** 31 - 2),
  };
}

function shareOut(rooms: readonly PlannedRoom[], messages: number): void {
  const shares = rooms.flatMap(({ kind, clients }) => clients.map((client) => ({ client, weight: kind.weight })));
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  let given = 0;
  for (const { client, weight } of shares) {
    client.messages = Math.floor((messages * weight) / total);
    given += client.messages;
  }
  for (const { client } of shares.slice(0, messages - given)) client.messages += 1;
}
