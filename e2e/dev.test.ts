import { appendFile, cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { eventually } from "./browser.js";
import { type Command, findPort, makeHome, Server } from "./server.js";
import { setStage } from "./stage.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PARTS = ["demo", "dist", "package.json", "scripts", "src", "tsconfig.json"];

/** A copy of the checkout, in which `npm run dev` runs. */
class Development extends Server {
  static async start(): Promise<Development> {
    const development = new Development(await findPort(), await makeHome());
    for (const part of PARTS) await cp(join(ROOT, part), development.path(part), { recursive: true });
    await symlink(join(ROOT, "node_modules"), development.path("node_modules"));
    await development.start();
    return development;
  }

  path(file: string): string {
    return join(this.home, file);
  }

  protected command(): Command {
    const environment = {
      PORT: String(this.port),
      STATE_DIRECTORY: this.path("state"),
      PATH: `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}`,
    };
    return { program: process.execPath, args: ["scripts/dev.mjs"], folder: this.home, environment };
  }

  protected isReady(): boolean {
    return this.printed.includes(`http://localhost:${this.port}`);
  }
}

const stage = setStage(Development.start);

test("the demo follows its sources: the page reloads, and page and worker have what changed in the package", async () => {
  const page = await stage.browser.newPage();
  await page.goto(stage.server.url("/r/lobby"));
  await appendFile(stage.server.path("demo/page/main.tsx"), '\ndocument.documentElement.dataset["page"] = "new";\n');
  await eventually(() => page.evaluate(() => document.documentElement.dataset["page"])).toBe("new");

  const client = stage.server.path("src/client/client.ts");
  await appendFile(
    client,
    '\nReflect.get(globalThis, "document")?.documentElement.setAttribute("data-client", "new");\n',
  );
  await eventually(() => page.evaluate(() => document.documentElement.dataset["client"])).toBe("new");

  const upgrade = stage.server.path("src/server/access/upgrade.ts");
  const source = await readFile(upgrade, "utf8");
  const before = "expected a WebSocket upgrade";
  expect(source).toContain(before);
  const answer = async () => (await fetch(stage.server.url("/chat/lobby?user=ada&name=Ada"))).text();
  await eventually(answer).toBe(before);
  await writeFile(upgrade, source.replace(before, "a WebSocket, please"));
  await eventually(() => answer().catch(String)).toBe("a WebSocket, please");
});

test("it ends when it is asked to and leaves nothing running", async () => {
  expect(await stage.server.end()).toBe(0);
  expect(await stage.server.isListening()).toBe(false);
});
