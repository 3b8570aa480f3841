import { cp, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Command, findPort, makeHome, Server } from "./server.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** What the examples import beside the package itself, which is the checkout, as it was built. */
const PACKAGES = ["react", "react-dom", "ai", "@ai-sdk/react", "@ai-sdk/openai-compatible", "workers-ai-provider"];

/** One of the examples under `wrangler dev`, in a folder of its own so that it can be changed. */
export class Example extends Server {
  /** @param files what it needs beside its sources, a text for each path: its secrets, say */
  static async start(name: string, files: (example: Example) => Record<string, string> = () => ({})): Promise<Example> {
    const example = new Example(await findPort(), await makeHome());
    await example.#install(name);
    for (const [path, text] of Object.entries(files(example))) await writeFile(join(example.#folder, path), text);
    await example.start();
    return example;
  }

  /** Changes a source file, as its author does before a deploy; resolves when the new code answers. */
  async deploy(file: string, change: (source: string) => string, isDeployed: () => Promise<boolean>): Promise<void> {
    const path = join(this.#folder, file);
    const before = await readFile(path, "utf8");
    const after = change(before);
    if (after === before) throw new Error(`There is nothing to deploy: ${file} stays as it is.`);
    await writeFile(path, after);
    while (!(await isDeployed().catch(() => false))) await wait(50);
  }

  /** Takes away all that it has stored. It must not run. */
  async wipe(): Promise<void> {
    await rm(this.#state, { recursive: true, force: true });
  }

  protected command(): Command {
    const options = {
      "--ip": "127.0.0.1",
      "--port": String(this.port),
      "--inspector-port": "0",
      "--persist-to": this.#state,
      "--log-level": "warn",
      "--show-interactive-dev-session": "false",
    };
    return {
      program: process.execPath,
      args: [join(ROOT, "node_modules/wrangler/bin/wrangler.js"), "dev", "--local", ...Object.entries(options).flat()],
      folder: this.#folder,
      environment: {
        // Nothing is asked of the network, and nothing is left outside of its folder.
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_SEND_ERROR_REPORTS: "false",
        WRANGLER_HIDE_BANNER: "true",
        WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
        WRANGLER_WRITE_LOGS: "false",
        WRANGLER_REGISTRY_PATH: join(this.home, "registry"),
        XDG_CONFIG_HOME: join(this.home, "config"),
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        PATH: `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}`,
      },
    };
  }

  protected async isReady(): Promise<boolean> {
    const response = await fetch(`http://127.0.0.1:${this.port}/`).catch(() => undefined);
    await response?.body?.cancel();
    // One without a page answers that it wants an upgrade.
    return response !== undefined && (response.ok || response.status === 426);
  }

  get #state(): string {
    return join(this.home, "state");
  }

  get #folder(): string {
    return join(this.home, "example");
  }

  async #install(name: string): Promise<void> {
    await stat(join(ROOT, "dist")).catch((cause) => {
      throw new Error("The examples use the built package: npm run build.", { cause });
    });
    await cp(join(ROOT, "examples", name), this.#folder, { recursive: true });
    // As its README says; `files` may write others.
    const secrets = join(this.#folder, ".dev.vars");
    await cp(`${secrets}.example`, secrets).catch(() => "it has no secrets");
    await this.#link("@workkit/chat", ".");
    for (const name of PACKAGES) await this.#link(name, join("node_modules", name));
  }

  async #link(name: string, path: string): Promise<void> {
    const link = join(this.home, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, path), link);
  }
}
