import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const FOLDER = import.meta.dirname;
const ROOT = join(FOLDER, "../..");
const FILE = /^`([^`\n]+)`:\n\n```\w+ recipe\n([\s\S]*?)^```$/gm;

/** A project that has the frameworks, the package as it is published, and the files that a guide prints: blocks marked `recipe`, each after its name. */
export class Project implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  /** @param guide its name in docs/guides */
  static async of(guide: string): Promise<Project> {
    const project = new Project(join(FOLDER, ".projects", `${guide}-${crypto.randomUUID()}`));
    for (const [file, text] of await filesOf(guide)) await project.write(file, text);
    await project.#installPackage();
    return project;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  /** Writes a file as editors do: a watcher never reads a part of it. */
  async write(file: string, text: string): Promise<string> {
    await mkdir(dirname(this.path(file)), { recursive: true });
    const unfinished = this.path(`.${crypto.randomUUID()}`);
    await writeFile(unfinished, text);
    await rename(unfinished, this.path(file));
    return this.path(file);
  }

  /** Runs a program of the frameworks, or of the checkout. Its failure tells all that it wrote. */
  async run(program: string, args: readonly string[], environment: Record<string, string> = {}): Promise<void> {
    const PATH = [`${FOLDER}/node_modules/.bin`, `${ROOT}/node_modules/.bin`, process.env["PATH"]].join(":");
    const env = {
      ...process.env,
      NODE_ENV: undefined,
      VITEST: undefined,
      NEXT_TELEMETRY_DISABLED: "1",
      WRANGLER_SEND_METRICS: "false",
      ...environment,
      PATH,
    };
    await run(program, [...args], { cwd: this.folder, env, maxBuffer: 2 ** 26 }).catch(({ stdout, stderr }) => {
      throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}${stderr}`);
    });
  }

  /** Checks the types of its TypeScript files. */
  async checkTypes(types: string[], lib: string[], include = ["src", "shims.d.ts"]): Promise<void> {
    const compilerOptions = {
      target: "es2024",
      module: "esnext",
      moduleResolution: "bundler",
      strict: true,
      jsx: "react-jsx",
      noEmit: true,
      skipLibCheck: true,
    };
    const shims =
      '/// <reference types="vite/client" />\ndeclare module "*.vue" { const component: import("vue").Component; export default component; }\n';
    await this.write("shims.d.ts", lib.includes("dom") ? shims : "");
    await this.write("tsconfig.json", JSON.stringify({ compilerOptions: { ...compilerOptions, types, lib }, include }));
    await this.run(join(ROOT, "node_modules/.bin/tsc"), ["--project", "."]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #installPackage(): Promise<void> {
    const target = this.path("node_modules/@workkit/chat");
    await mkdir(target, { recursive: true });
    await this.run("npm", ["pack", ROOT, "--ignore-scripts", "--pack-destination", this.folder]);
    const [tarball = ""] = globSync("*.tgz", { cwd: this.folder });
    await this.run("tar", ["-xzf", tarball, "--strip-components=1", "-C", target]);
  }
}

async function filesOf(guide: string): Promise<[file: string, text: string][]> {
  const page = await readFile(join(ROOT, `docs/guides/${guide}.md`), "utf8");
  const marked = page.match(/^```\w+ recipe$/gm) ?? [];
  const files = [...page.matchAll(FILE)].map(([, file = "", text = ""]): [string, string] => [file, text]);
  if (files.length > 0 && files.length === marked.length) return files;
  throw new Error(
    `docs/guides/${guide}.md prints no files: a line with the name of each, then a block marked "recipe".`,
  );
}
