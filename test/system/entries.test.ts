import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

it("the package has the same names outside workerd as in it, with a stand-in for ChatSessionDO", async () => {
  const read = (name: string) => readFile(new URL(`../../src/${name}`, import.meta.url), "utf8");
  const [inWorkerd, elsewhere] = await Promise.all([read("index.ts"), read("portable.ts")]);
  const lines = (text: string) => text.split("\n").sort();
  expect(lines(elsewhere.replace("./session/unavailable.js", "./session/durable-object.js"))).toEqual(lines(inWorkerd));
});
