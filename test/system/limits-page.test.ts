import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as PRICE from "../../src/server/access/prices.js";

const page = readFileSync("docs/reference/limits.md", "utf8");

/** The numbers of the units in the row of the prices that begins so. */
function units(what: string): number[] {
  const row = page.split("\n").find((line) => line.startsWith(`| ${what}`)) ?? "";
  return (row.split("|")[2]?.match(/[\d,]+/g) ?? []).map((number) => Number(number.replaceAll(",", "")));
}

it("docs/reference/limits.md prints the prices of the code", () => {
  const { auth, frame, served, upgrade } = PRICE.PRICES;
  expect(units("a control frame")).toEqual([frame, 1, PRICE.BYTES_READ_PER_UNIT]);
  expect(units("a frame that is larger")).toEqual([frame, 1, PRICE.BYTES_SKIPPED_PER_UNIT]);
  expect(units("what a `send`")).toEqual([1, PRICE.BYTES_PARSED_PER_UNIT]);
  expect(units("`auth`")).toEqual([auth]);
  expect(units("an upgrade")).toEqual([upgrade]);
  expect(units("looking for")).toEqual([1, PRICE.LOOKED_AT_PER_UNIT]);
  expect(units("each envelope")).toEqual([served, 1, PRICE.CHARACTERS_SERVED_PER_UNIT]);
});
