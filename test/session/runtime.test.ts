import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";

it("runs these tests inside workerd, beside the fixture worker", async () => {
  expect(navigator.userAgent).toBe("Cloudflare-Workers");
  const answer = await exports.default.fetch("https://chat.example/nowhere");
  expect(answer.status).toBe(404);
});
