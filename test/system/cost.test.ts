import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { codeBlocks } from "./code-blocks.js";
import { command } from "./command.js";

it("the program of docs/explanation/cost.md prints what the page says", async () => {
  const blocks = codeBlocks().filter(({ place }) => place.startsWith("docs/explanation/cost.md:"));
  const [program, printed] = ["ts", "text"].map((wanted) => blocks.find(({ language }) => language === wanted));
  if (program === undefined || printed === undefined)
    throw new Error("docs/explanation/cost.md has no program, or not what it prints.");
  const folder = await mkdtemp(join(tmpdir(), "workkit-chat-cost-"));
  try {
    await writeFile(join(folder, "cost.ts"), program.text);
    expect((await command("node", ["cost.ts"], folder)).trimEnd()).toBe(printed.text);
  } finally {
    await rm(folder, { recursive: true });
  }
});
