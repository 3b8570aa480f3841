import { expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { refusalOnV1 } from "../fixtures/refusals.js";
import { openSession, silent } from "../fixtures/rooms.js";

/** Takes what JavaScript would. */
const open = (tags: unknown) => openSession({ onMessage: silent, tags } as ChatSessionDOOptions);

it.each([
  "agent",
  7,
  {},
  Promise.resolve(["agent"]),
  [7],
  [undefined],
  [""],
  ["x".repeat(257)],
  Array.from({ length: 10 }, (_, at) => `${at}`),
])("a session refuses a connection whose tags are not valid: %o", async (returned) => {
  const room = open(() => returned);
  expect((await room.upgrade()).status).toBe(500);
  expect(await refusalOnV1(room)).toBe(4005);
  expect(await room.session.connections()).toEqual([]);
});

it("a session refuses a connection whose tags throw", async () => {
  const room = open(() => {
    throw new Error("no tags");
  });
  expect((await room.upgrade()).status).toBe(500);
});
