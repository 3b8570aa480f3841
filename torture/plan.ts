import { Random } from "../test/protocol/random.js";
import { drawFaults, type Fault } from "./faults.js";
import { drawRooms, type PlannedRoom } from "./rooms.js";

/** All that a seed decides. */
export interface Plan {
  rooms: PlannedRoom[];
  faults: Fault[];
}

/** Who talks where and how much, and what goes wrong when: the same seed and sizes give the same plan. */
export function drawPlan(seed: number, messages: number, clients: number): Plan {
  if (messages === 0) return { rooms: [], faults: [] };
  const random = new Random(seed);
  const rooms = drawRooms(random, clients, messages);
  return { rooms, faults: drawFaults(random, rooms, messages) };
}
