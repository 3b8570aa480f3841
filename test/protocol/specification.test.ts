import { describe, expect, it } from "vitest";
import { LOCAL_CODES } from "../../src/protocol/errors.js";
import { SUBPROTOCOL_AI_SDK } from "../../src/protocol/frames.js";
import {
  CLOSE_CODES,
  ERROR_CODES,
  PING_FRAME,
  PONG_FRAME,
  SUBPROTOCOL_PLAIN,
  SUBPROTOCOL_TOKEN_PREFIX,
  SUBPROTOCOL_V1,
} from "../../src/protocol/index.js";
import * as LIMITS from "../../src/protocol/limits.js";
import { cell, code, numbers, page, section, sentence, table } from "./specification.js";

/** Sorted, with duplicates kept, so that a name that is listed twice is seen. */
function sorted(names: Iterable<string>): string[] {
  return [...names].sort();
}

describe("the error codes of PROTOCOL.md", () => {
  const onTheWire = table("Error codes").flatMap((row) => code(cell(row, "code")));
  const ofTheLibrary = code(sentence("Error codes", /do not travel on the wire: ([^.]+)\./));

  it("are those of the code, each once, on the wire or not", () => {
    expect(sorted([...onTheWire, ...ofTheLibrary])).toEqual(sorted(Object.keys(ERROR_CODES)));
  });

  it("are local to the library where the code says so", () => {
    expect(sorted(ofTheLibrary)).toEqual(sorted(LOCAL_CODES));
  });

  it("each have a meaning and say what to do", () => {
    const silent = table("Error codes").filter((row) => cell(row, "meaning") === "" || cell(row, "what to do") === "");
    expect(silent).toEqual([]);
  });
});

describe("the close codes of PROTOCOL.md", () => {
  const rows = table("Close codes").map((row) => ({
    code: Number(cell(row, "code")),
    name: code(cell(row, "name"))[0],
  }));
  const intro = /(4000 to .*? forbid it)/;

  it("are those of the code, by name and number", () => {
    const named = rows.flatMap(({ name, code }) => (name === undefined ? [] : [[name, code]]));
    expect(named).toEqual(Object.entries(CLOSE_CODES).sort(([, one], [, other]) => one - other));
  });

  it("leave only the runtime's own code without a name", () => {
    expect(rows.filter(({ name }) => name === undefined).map(({ code }) => code)).toEqual([1009]);
  });

  it("ask for a reconnect from 4000 to 4499 and forbid it from 4500 to 4999", () => {
    expect(numbers(sentence("Close codes", intro))).toEqual([4000, 4499, 1008, 1009, 4500, 4999]);
    const namesWithin = (low: number, high: number) =>
      sorted(rows.filter(({ code }) => code >= low && code <= high).map(({ name }) => String(name)));
    const forReconnecting =
      "HEARTBEAT_TIMEOUT IDENTITY_EXPIRED REPLACED SESSION_CLEARED SESSION_FULL SLOW_READER SLOW_REPLAY UNAVAILABLE";
    expect(namesWithin(4000, 4499)).toEqual(forReconnecting.split(" "));
    expect(namesWithin(4500, 4999)).toEqual(["DISCONNECTED", "FORBIDDEN", "ORIGIN_NOT_ALLOWED", "UNAUTHORIZED"]);
  });

  it("are the only ones of their ranges that the page speaks of", () => {
    const known = new Set([...Object.values<number>(CLOSE_CODES), 4000, 4499, 4999]);
    const mentioned = Array.from(page.matchAll(/(?<![\d.])4[0-9]{3}(?!\d)/g), ([digits]) => Number(digits));
    expect(mentioned.filter((number) => !known.has(number) && number !== LIMITS.MAX_IDENTITY_METADATA_SIZE)).toEqual(
      [],
    );
  });
});

describe("the limits of PROTOCOL.md", () => {
  const limits = new Map<string, number>(Object.entries(LIMITS));
  const rows = table("Limits").map((row) => ({
    name: cell(row, "limit"),
    // Where a limit is a range, the page tells the least value as well, which no constant holds.
    values: numbers(cell(row, "value").replace(/\d+ to (?=\d)/, "")),
    constants: code(cell(row, "constant")),
    isDefault: cell(row, "value").includes("by default"),
  }));

  it("are the constants of the code, each once", () => {
    expect(sorted(rows.flatMap(({ constants }) => constants))).toEqual(sorted(limits.keys()));
  });

  it.each(rows)("$name: have the value of the constant", ({ values, constants }) => {
    expect(values).toEqual(constants.map((constant) => limits.get(constant)));
  });

  it.each(rows)("$name: say whether they are a default", ({ constants, isDefault }) => {
    expect(constants.some((constant) => constant.startsWith("DEFAULT_"))).toBe(isDefault);
  });

  it("have the same value wherever else the page names them", () => {
    expect(numbers(sentence("Envelopes", /\| string, 1 to (\d+) UTF-16 code units/))).toEqual([LIMITS.MAX_ID_LENGTH]);
    const memory = /newest min\(`maxStoredMessages`, (\d+)\) envelopes/;
    expect(numbers(sentence("Ordering, retries and recovery", memory))).toEqual([LIMITS.ID_MEMORY]);
  });
});

describe("the handshake of PROTOCOL.md", () => {
  it("knows the subprotocols of the code, and no others", () => {
    const named = code(page).filter((name) => name.startsWith("workkit."));
    const known = [SUBPROTOCOL_AI_SDK, SUBPROTOCOL_PLAIN, SUBPROTOCOL_TOKEN_PREFIX, SUBPROTOCOL_V1];
    expect(sorted(new Set(named))).toEqual(sorted(known));
  });

  it("has its dialects chosen by those subprotocols", () => {
    const rows = section("Transport and handshake")
      .split("\n")
      .filter((line) => /^\| (nothing|`workkit)/.test(line));
    const offers = rows.map((row) => row.split("|").map((part) => part.trim()));
    expect(offers.map(([, offered, dialect]) => [code(offered ?? "")[0], dialect])).toEqual([
      [undefined, "plain"],
      [SUBPROTOCOL_PLAIN, "plain"],
      [SUBPROTOCOL_V1, "v1"],
      [SUBPROTOCOL_AI_SDK, "[the AI SDK's](#the-ai-sdks-dialect)"],
    ]);
    expect(offers.map(([, , , selected]) => code(selected ?? "")[0])).toEqual([
      undefined,
      SUBPROTOCOL_PLAIN,
      SUBPROTOCOL_V1,
      SUBPROTOCOL_AI_SDK,
    ]);
  });

  it("has the heartbeats of the code, byte for byte", () => {
    expect(code(section("Heartbeats")).slice(0, 2)).toEqual([PING_FRAME, PONG_FRAME]);
    const heartbeats = code(page).filter((text) => /^\{\s*"type"\s*:\s*"p[io]ng"/.test(text));
    expect(sorted(new Set(heartbeats))).toEqual([PING_FRAME, PONG_FRAME]);
  });
});

describe("the names in PROTOCOL.md", () => {
  it("are all known to the code, where they are written in capitals", () => {
    const known = new Set([ERROR_CODES, CLOSE_CODES, LIMITS].flatMap((names) => Object.keys(names)));
    const named = code(page).filter((name) => /^[A-Z][A-Z_]+$/.test(name));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});
