import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findPort } from "../../e2e/server.js";
import { ROOT } from "./command.js";
import { Consumer } from "./consumer.js";

/** A fenced block of a page: a file that the reader writes, or commands that the reader runs. */
interface Step {
  section: string;
  file: string | undefined;
  text: string;
}

const FILE_BEFORE_BLOCK = /`([\w./-]+)`[^`]*:$/;
const PORT = "localhost:8787";
/** Commands that go on until they are ended. */
const ENDLESS = /^(npx wrangler dev|node )/;
/** Commands that need an account: only whether there is such a command can be tried. */
const NEEDS_ACCOUNT = /^npx wrangler (login|secret put)/;

/**
 * A page of the documentation that is followed in an empty folder, as its reader would: files are written and commands run as the page
 * has them. Only these differ: the package is the tarball, other packages are those of the checkout, the port is a free one, and a
 * deploy ends before anything is sent.
 */
export class Walkthrough implements AsyncDisposable {
  readonly #running = new Map<string, ChildProcess>();
  readonly #printed = new Map<string, string>();

  private constructor(
    readonly project: Consumer,
    private readonly steps: readonly Step[],
    private readonly tarball: string,
    readonly port: number,
  ) {}

  static async of(page: string, tarball: string): Promise<Walkthrough> {
    return new Walkthrough(await Consumer.empty(), stepsOf(page), tarball, await findPort());
  }

  /** Does what the section of this heading says. */
  async follow(heading: string): Promise<void> {
    const steps = this.steps.filter(({ section }) => section === heading);
    if (steps.length === 0) throw new Error(`The page has nothing to do in a section named "${heading}".`);
    for (const { file, text } of steps) {
      if (file !== undefined) await this.project.write(file, this.#withPort(text));
      else for (const line of text.split("\n")) await this.#run(line);
    }
  }

  /** What a command that goes on has printed until now. */
  printedBy(line: string): string {
    return this.#printed.get(line) ?? "";
  }

  /** Whether a command that goes on has ended by itself. */
  hasEnded(line: string): boolean {
    return (this.#running.get(line)?.exitCode ?? null) !== null;
  }

  /** Starts a command that goes on, again if it runs already. Resolves when a server is ready, or at once. */
  async start(line: string): Promise<void> {
    await this.end(line);
    const isServer = line === "npx wrangler dev";
    const options = `--ip 127.0.0.1 --port ${this.port} --inspector-port 0 --show-interactive-dev-session false`;
    const child = spawn("sh", ["-c", isServer ? `${line} ${options}` : line], {
      cwd: this.project.folder,
      // A group of its own, so that all of it can be ended by one id.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}`, ...OFFLINE },
    });
    this.#running.set(line, child);
    this.#printed.set(line, "");
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => this.#printed.set(line, this.printedBy(line) + String(data)));
    }
    while (isServer && !(await this.#isReady())) {
      if (child.exitCode !== null) throw new Error(`${line} ended. It printed:\n${this.printedBy(line)}`);
      await wait(50);
    }
  }

  /** Ends a command that goes on, at once and without warning. */
  async end(line: string): Promise<void> {
    const child = this.#running.get(line);
    this.#running.delete(line);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    process.kill(-child.pid, "SIGKILL");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.keys()].map((line) => this.end(line)));
    await this.project[Symbol.asyncDispose]();
  }

  async #run(line: string): Promise<void> {
    const install = /^npm install (?:--save-dev )?(?<names>[^-].*)$/.exec(line)?.groups?.["names"]?.split(" ") ?? [];
    if (install.includes("@workkit/chat")) {
      await this.project.run("npm", ["install", "--no-audit", "--no-fund", this.tarball]);
    } else if (install.length > 0) {
      for (const name of install) await this.#link(name);
    } else if (NEEDS_ACCOUNT.test(line)) {
      await this.project.run("sh", ["-c", `${line} --help`]);
    } else if (line === "npx wrangler deploy") {
      await this.project.run("sh", ["-c", "npx wrangler deploy --dry-run --outdir out"]);
    } else if (ENDLESS.test(line)) {
      await this.start(line);
    } else {
      await this.project.run("sh", ["-c", this.#withPort(line)]);
    }
  }

  /** Installs a package of the checkout, with its program. */
  async #link(name: string): Promise<void> {
    const { bin = {} } = JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8"));
    for (const path of [name, ...Object.keys(bin).map((program) => `.bin/${program}`)]) {
      const link = this.project.path(`node_modules/${path}`);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(ROOT, "node_modules", path), link);
    }
  }

  async #isReady(): Promise<boolean> {
    const response = await fetch(`http://127.0.0.1:${this.port}/`).catch(() => undefined);
    await response?.body?.cancel();
    return response !== undefined;
  }

  #withPort(text: string): string {
    return text.replaceAll(PORT, `localhost:${this.port}`);
  }
}

/** Nothing is asked of the network. */
const OFFLINE = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  WRANGLER_WRITE_LOGS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/** What a page tells its reader to do: a block after a line that ends with a path and a colon is a file, one of `sh` are commands. */
function stepsOf(page: string): Step[] {
  const lines = readFileSync(join(ROOT, page), "utf8").split("\n");
  const steps: Step[] = [];
  let section = "";
  for (let at = 0; at < lines.length; at++) {
    section = /^## (.+)$/.exec(lines[at] ?? "")?.[1] ?? section;
    const language = /^```(\S+)$/.exec(lines[at] ?? "")?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at);
    const before = lines.slice(0, at).findLast((line) => line !== "") ?? "";
    const file = language === "sh" ? undefined : FILE_BEFORE_BLOCK.exec(before)?.[1];
    const text = lines.slice(at + 1, end).join("\n");
    if (language === "sh") steps.push({ section, file, text });
    else if (file !== undefined) steps.push({ section, file, text: `${text}\n` });
    at = end;
  }
  return steps;
}
