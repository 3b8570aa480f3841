import { expect, it } from "vitest";
import { CLOSE_CODES } from "../../src/protocol/index.js";
import { PRECEDENCE } from "../fixtures/precedence.js";
import { cell, code, table } from "./specification.js";

it("P7: the table of precedence in PROTOCOL.md is the one that servers are held to", () => {
  const rows = table("Precedence of errors").map((row) => ({
    fault: cell(row, "a frame is refused if"),
    code: code(cell(row, "answer"))[0],
  }));
  const nameOf = (answer: string | number) =>
    Object.entries(CLOSE_CODES).find(([, number]) => number === answer)?.[0] ?? answer;
  expect(rows).toEqual(PRECEDENCE.map(({ fault, code }) => ({ fault, code: nameOf(code) })));
});
