import { describe, expect, it, vi } from "vitest";
import { ChatError, type ChatErrorCode } from "../../src/index.js";
import { kinds } from "../fixtures/kinds.js";
import { silent } from "../fixtures/rooms.js";

const LONGEST = `x-${"a".repeat(62)}` as const;

/** Refuses with an error. */
const fails = (error: unknown) => () => Promise.reject(error);

describe.each(kinds)("a code of the application's own at a $kind", ({ open }) => {
  it("P7: reaches the client from a handler, with its text and when to try again", async () => {
    const error = new ChatError("x-quota", "That was all for today.", { retryAfterMs: 5_000 });
    const socket = await open({ onMessage: fails(error) }).connect();
    socket.say("hello", { id: "a" });
    expect(await socket.error("x-quota")).toMatchObject({
      type: "error",
      content: "That was all for today.",
      metadata: { code: "x-quota", inReplyTo: "a", retryAfterMs: 5_000 },
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -5, null, "5", 5n])(
    "P7: reaches the client without %s as the time when to try again",
    async (retryAfterMs) => {
      const error = Object.assign(new ChatError("x-quota", "No."), { retryAfterMs });
      const socket = await open({ onMessage: fails(error) }).connect();
      socket.say("hello");
      expect((await socket.error("x-quota")).metadata).not.toHaveProperty("retryAfterMs");
      const refused = await open({ onMessage: silent, authenticate: fails(error) }).upgrade();
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([403, null]);
    },
  );

  it("has a text of ours where it is given none", async () => {
    const socket = await open({ onMessage: fails(new ChatError("x-quota")) }).connect();
    socket.say("hello");
    expect((await socket.error("x-quota"))["content"]).toBe("The application refused this.");
  });

  it.each(["x-Quota_1.daily", "x--", LONGEST] as const)("may be %s", async (code) => {
    const socket = await open({ onMessage: fails(new ChatError(code, "No.")) }).connect();
    socket.say("hello");
    expect((await socket.error(code))["content"]).toBe("No.");
  });

  it.each(["x-", "x-quota exceeded", "x-quota:", "x-\u00fcber", "x-a\n", `${LONGEST}a`] as const)(
    "P7: may not be %j, which is an INVALID_OPTION in the log",
    async (code) => {
      const logged = vi.spyOn(console, "error").mockReturnValue(undefined);
      const error = new ChatError(code, "No.");
      const socket = await open({ onMessage: fails(error) }).connect();
      socket.say("hello");
      await socket.error("HANDLER_FAILED");
      expect((await open({ onMessage: silent, authenticate: fails(error) }).upgrade()).status).toBe(500);
      const message = `The code ${code} does not match /^x-[\\w.-]{1,62}$/.`;
      const invalid = expect.objectContaining({ code: "INVALID_OPTION", message });
      expect(logged.mock.calls.map(([, what]) => what)).toEqual([invalid, error, invalid, error]);
      logged.mockRestore();
    },
  );

  const internal: unknown[] = [
    ...["QUOTA", "X-quota", "toString", "", "INVALID_OPTION", "TURN_ENDED"].map(
      (code) => new ChatError(code as ChatErrorCode),
    ),
    Object.assign(new ChatError("x-quota"), { code: "x-not a code" }),
    { code: "x-quota" },
  ];
  it.each(internal)("P7: stays on the server where it is neither the application's nor ours: %s", async (error) => {
    const socket = await open({ onMessage: fails(error) }).connect();
    socket.say("hello", { id: "a" });
    expect((await socket.error("HANDLER_FAILED")).metadata).toEqual({ code: "HANDLER_FAILED", inReplyTo: "a" });
  });

  it("refuses an upgrade with 403, or with 429 where waiting helps", async () => {
    const refuse = async (error: ChatError) => {
      const response = await open({ onMessage: silent, authenticate: fails(error) }).upgrade();
      return [response.status, await response.text(), response.headers.get("retry-after")];
    };
    const text = "That was all for today.";
    expect(await refuse(new ChatError("x-quota", text))).toEqual([403, `x-quota: ${text}`, null]);
    const later = new ChatError("x-quota", text, { retryAfterMs: 1_500 });
    expect(await refuse(later)).toEqual([429, `x-quota: ${text}`, "2"]);
  });
});
