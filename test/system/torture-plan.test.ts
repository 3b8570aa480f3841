import { describe, expect, it } from "vitest";
import { KINDS } from "../../torture/kinds.js";
import { drawPlan } from "../../torture/plan.js";

describe("the plan of the torture run", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(drawPlan(7, 20_000, 20)).toEqual(drawPlan(7, 20_000, 20));
    expect(drawPlan(8, 20_000, 20)).not.toEqual(drawPlan(7, 20_000, 20));
  });

  it.each([2, 3, 14, 50, 200])("gives %i clients rooms of two to six, and every message to one of them", (count) => {
    const { rooms, faults } = drawPlan(3, 10_000, count);
    const clients = rooms.flatMap((room) => room.clients);
    expect(new Set(clients.map(({ name }) => name)).size).toBe(count);
    expect(clients.reduce((sum, { messages }) => sum + messages, 0)).toBe(10_000);
    for (const room of rooms) {
      expect(room.clients.length).toBeGreaterThanOrEqual(2);
      expect(room.clients.length).toBeLessThanOrEqual(6);
    }
    const names = new Set([...clients.map(({ name }) => name), ...rooms.map(({ path }) => path)]);
    for (const fault of faults) {
      if ("client" in fault) expect(names).toContain(fault.client);
      if ("room" in fault) expect(names).toContain(fault.room);
    }
  });

  it("has rooms of every kind in a full run, with users on two devices, and faults enough for it to count", () => {
    const { rooms, faults } = drawPlan(1, 200_000, 50);
    expect(new Set(rooms.map(({ kind }) => kind))).toEqual(new Set(KINDS));
    const doubled = rooms.filter(({ clients }) => new Set(clients.map(({ user }) => user)).size < clients.length);
    expect(doubled.length).toBeGreaterThan(0);
    const count = (wanted: string) => faults.filter(({ kind }) => kind === wanted).length;
    expect(count("kill")).toBeGreaterThanOrEqual(100);
    expect(count("cut")).toBeGreaterThanOrEqual(1_000);
    expect(faults.map(({ at }) => at)).toEqual(faults.map(({ at }) => at).toSorted((one, other) => one - other));
  });
});
