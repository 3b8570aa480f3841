import { expect, it, vi } from "vitest";
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

it("a session warns once of cookies where allowedOrigins is not given", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const cookies = { headers: { cookie: "session=1" } };
  await openSession({ onMessage: silent, allowedOrigins: ["https://a.example"] }).upgrade(cookies);
  await openSession({ onMessage: silent }).upgrade();
  expect(warn).not.toHaveBeenCalled();
  for (let n = 0; n < 3; n++) await openSession({ onMessage: silent }).upgrade(cookies);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("allowedOrigins"));
  warn.mockRestore();
});
