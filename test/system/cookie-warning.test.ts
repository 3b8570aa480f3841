import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { expect, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";

it("a session warns once of cookies, where allowedOrigins is not given", async () => {
  const module = await bundleWorker("test/workerd/worker-cookies.ts");
  await using server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "CookieSession" }] });
  const warnings = () => server.output.split("Set allowedOrigins").length - 1;
  const cookies = { cookie: "session=1" };
  await upgrade(new URL("/listed", server.url), cookies);
  await upgrade(new URL("/open", server.url));
  expect(warnings()).toBe(0);
  for (let count = 0; count < 3; count++) await upgrade(new URL("/open", server.url), cookies);
  await expect.poll(warnings).toBe(1);
});

/** Connects, as a browser does that has cookies, and leaves. */
async function upgrade(url: URL, cookies: Record<string, string> = {}): Promise<void> {
  const key = randomBytes(16).toString("base64");
  const asked = request(url, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": key,
      ...cookies,
    },
  });
  asked.end();
  const [, socket] = await once(asked, "upgrade");
  socket.destroy();
}
