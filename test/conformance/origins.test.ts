import { describe, expect, it } from "vitest";
import { kinds } from "../fixtures/kinds.js";
import { refusalOnV1, tables } from "../fixtures/refusals.js";
import { openSession, silent } from "../fixtures/rooms.js";

const ALLOWED = ["https://a.example", "http://localhost:8080"];
const FOREIGN = [
  "https://b.example",
  "http://a.example",
  "https://a.example:8443",
  "https://a.example.b.example",
  "https://sub.a.example",
  "https://a.example/path",
  "//a.example",
  "https://*",
  "http://localhost",
  "null",
];

describe.each(kinds)("the origins that may connect to a $kind", ({ open }) => {
  it.each(ALLOWED)("are those of allowedOrigins: %s", async (origin) => {
    const { status } = await open({ onMessage: silent, allowedOrigins: ALLOWED }).upgrade({ headers: { origin } });
    expect(status).toBe(101);
  });

  it.each(FOREIGN)("are no others: %j", async (origin) => {
    const answer = await open({ onMessage: silent, allowedOrigins: ALLOWED }).upgrade({ headers: { origin } });
    expect(answer.status).toBe(403);
    expect(answer.webSocket).toBeNull();
  });

  it.each(["https://a.example/", "https://A.example", "https://a.example:443"])(
    "are compared as browsers write them: %s",
    async (written) => {
      const one = await open({ onMessage: silent, allowedOrigins: [written] }).upgrade({
        headers: { origin: "https://a.example" },
      });
      expect(one.status).toBe(101);
      const two = await open({ onMessage: silent, allowedOrigins: ALLOWED }).upgrade({ headers: { origin: written } });
      expect(two.status).toBe(101);
    },
  );

  it("may be those of apps and extensions", async () => {
    for (const origin of ["chrome-extension://abcdefgh", "capacitor://localhost"]) {
      const room = open({ onMessage: silent, allowedOrigins: [`${origin}/`] });
      expect((await room.upgrade({ headers: { origin } })).status).toBe(101);
      expect((await room.upgrade({ headers: { origin: `${origin}x` } })).status).toBe(403);
    }
  });

  it("are any where the request names none, or allowedOrigins is not given", async () => {
    expect((await open({ onMessage: silent, allowedOrigins: ALLOWED }).upgrade()).status).toBe(101);
    expect((await open({ onMessage: silent, allowedOrigins: [] }).upgrade()).status).toBe(101);
    const foreign = { headers: { origin: "https://b.example" } };
    expect((await open({ onMessage: silent }).upgrade(foreign)).status).toBe(101);
  });

  it("are none where allowedOrigins is empty, and null where it is listed", async () => {
    const opaque = { headers: { origin: "null" } };
    expect((await open({ onMessage: silent, allowedOrigins: [] }).upgrade(opaque)).status).toBe(403);
    expect((await open({ onMessage: silent, allowedOrigins: ["null"] }).upgrade(opaque)).status).toBe(101);
  });

  it("are compared before authenticate is called", async () => {
    let asked = 0;
    const room = open({
      onMessage: silent,
      allowedOrigins: ALLOWED,
      authenticate: () => {
        asked++;
        return { id: "a" };
      },
    });
    await room.upgrade({ headers: { origin: "https://b.example" } });
    expect(asked).toBe(0);
    await room.upgrade({ headers: { origin: "https://a.example" } });
    expect(asked).toBe(1);
  });
});

it("closes a v1 client of another origin with 4502, and writes nothing", async () => {
  const room = openSession({ onMessage: silent, allowedOrigins: ALLOWED });
  expect(await refusalOnV1(room, { origin: "https://b.example" })).toBe(4502);
  expect(await tables(room)).toEqual([]);
});
