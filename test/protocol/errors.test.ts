import { describe, expect, it } from "vitest";
import { textOf } from "../../src/protocol/errors.js";
import { ChatError, CLOSE_CODES, ERROR_CODES } from "../../src/protocol/index.js";

const codes = Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[];

describe("ChatError", () => {
  it.each(codes)("says what %s means to its reader when it is given no text", (code) => {
    const error = new ChatError(code);
    expect(error.code).toBe(code);
    expect(String(error)).toBe(`ChatError: ${code}`);
    expect(textOf(error)).toBe(ERROR_CODES[code]);
    expect(textOf(error)).toMatch(/^[A-Zm].{10,}\.$/);
  });

  it("says its own text to its reader", () => {
    expect(textOf(new ChatError("REJECTED", "Not here."))).toBe("Not here.");
  });

  it("is an Error with a literal name, so that it can be recognized without the class", () => {
    const error = new ChatError("REJECTED", "Not here.");
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("ChatError");
    expect(String(error)).toBe("ChatError: Not here.");
    expect(error.stack).toContain("errors.test.ts");
  });

  it("carries the text, the envelope at fault, when to try again, and the cause", () => {
    const cause = new TypeError("inner");
    const error = new ChatError("RATE_LIMITED", "Slower.", { inReplyTo: "a1", retryAfterMs: 250, cause });
    expect(error).toMatchObject({ message: "Slower.", inReplyTo: "a1", retryAfterMs: 250 });
    expect(error.cause).toBe(cause);
  });

  it("has neither an envelope, nor a wait, nor a cause when it is given none", () => {
    for (const error of [new ChatError("GAP"), new ChatError("GAP", "Gone.", {})]) {
      expect(error.inReplyTo).toBeUndefined();
      expect(error.retryAfterMs).toBeUndefined();
      expect("cause" in error).toBe(false);
    }
  });

  it("keeps an empty text", () => {
    expect(new ChatError("REJECTED", "").message).toBe("");
  });
});

describe("CLOSE_CODES", () => {
  const values = Object.values(CLOSE_CODES);

  it("gives each reason a code of its own", () => {
    expect(new Set(values).size).toBe(values.length);
  });

  it("holds only codes that the runtime lets a server send", () => {
    const sendable = (code: number) =>
      (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    expect(values.filter((code) => !sendable(code))).toEqual([]);
  });
});
