import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { createMessageId } from "../../src/index.js";

it("runs these tests inside workerd, beside the fixture worker", async () => {
  expect(navigator.userAgent).toBe("Cloudflare-Workers");
  const answer = await exports.default.fetch("https://chat.example/nowhere");
  expect(answer.status).toBe(404);
});

it("makes 20,000 ids in strictly increasing order while the clock stands still, as it does during an event", () => {
  const ids = Array.from({ length: 20_000 }, createMessageId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual([...ids].sort());
});
