import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { codeBlocks } from "./code-blocks.js";
import { command, ROOT } from "./command.js";

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

it("the README says what docs/explanation/cost.md calculates for an assistant", async () => {
  const [readme, page] = await Promise.all(
    ["README.md", "docs/explanation/cost.md"].map((file) => readFile(join(ROOT, file), "utf8")),
  );
  const dollars = ["raw", "agents", "ours"].map((system) => {
    const [, figure] = page?.match(new RegExp(`^AI assistant, ${system} .* (\\S+)$`, "m")) ?? [];
    return `$${figure}`;
  });
  expect(readme).toContain(`| 1,000 exchanges with an assistant that takes 10 seconds each | ${dollars.join(" | ")} |`);
});
