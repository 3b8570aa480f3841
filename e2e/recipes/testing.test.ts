import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Project } from "./project.js";

let project: Project;

beforeAll(async () => {
  project = await Project.of("testing");
  const readme = await readFile("README.md", "utf8");
  for (const file of ["src/index.ts", "wrangler.jsonc"]) await project.write(file, fileOf(readme, file));
  // As npm leaves it in an empty folder: nothing says that files are modules.
  await project.write("package.json", "{}");
});

afterAll(() => project[Symbol.asyncDispose]());

it("the guide's tests pass, and fail when the Worker answers something else", async () => {
  await project.run("vitest", ["run"]);
  const worker = await readFile(project.path("src/index.ts"), "utf8");
  await project.write("src/index.ts", worker.replace("Echo: ", "Reply: "));
  await expect(project.run("vitest", ["run"])).rejects.toThrow("2 failed");
});

it("the guide's files have types without an error", async () => {
  await project.run("wrangler", ["types"]);
  await project.checkTypes(
    ["@cloudflare/vitest-plugin/types"],
    ["es2024"],
    ["src", "test", "worker-configuration.d.ts"],
  );
});

function fileOf(page: string, file: string): string {
  const [, after = ""] = page.split(`\`${file}\`:\n\n`);
  return after.match(/^```\w+\n([\s\S]*?)^```$/m)?.[1] ?? "";
}
