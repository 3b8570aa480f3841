import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { command, ROOT } from "./command.js";

/** What `wrangler init` gives a project, with nothing relaxed: the package's own declarations are checked too. */
export const TSCONFIG = {
  compilerOptions: {
    target: "es2024",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2024"],
    types: ["@cloudflare/workers-types"],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  },
};

/** A project of somebody who uses the package: an empty folder elsewhere, in which the tarball is installed. */
export class Consumer implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  /** A folder with nothing in it. */
  static async empty(): Promise<Consumer> {
    return new Consumer(await mkdtemp(join(tmpdir(), "workkit-chat-consumer-")));
  }

  static async create(): Promise<Consumer> {
    const consumer = await Consumer.empty();
    await consumer.write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }));
    await consumer.write("tsconfig.json", JSON.stringify(TSCONFIG));
    return consumer;
  }

  /** A project in which npm has installed the tarball, and that has the runtime's types. */
  static async installed(tarball: string): Promise<Consumer> {
    const consumer = await Consumer.create();
    await consumer.run("npm", ["install", "--no-audit", "--no-fund", tarball]);
    await mkdir(consumer.path("node_modules/@cloudflare"));
    await symlink(
      join(ROOT, "node_modules/@cloudflare/workers-types"),
      consumer.path("node_modules/@cloudflare/workers-types"),
    );
    return consumer;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  async write(file: string, text: string): Promise<string> {
    await mkdir(dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), text);
    return this.path(file);
  }

  /** Copies a file or folder of the checkout. */
  async copy(source: string, target: string): Promise<void> {
    await cp(join(ROOT, source), this.path(target), { recursive: true });
  }

  run(program: string, args: readonly string[], folder = "."): Promise<string> {
    return command(program, args, this.path(folder));
  }

  /**
   * What the compiler says of each of these files, which it checks together: one run takes hardly longer than one file does. `others` are
   * compiled with them.
   */
  async diagnose(
    files: readonly string[],
    compilerOptions: object,
    others: readonly string[] = [],
  ): Promise<Map<string, string[]>> {
    const project = `tsconfig-${crypto.randomUUID()}.json`;
    const config = { extends: "./tsconfig.json", compilerOptions, files: [...others, ...files] };
    await this.write(project, JSON.stringify(config));
    const said = await this.run("tsc", ["--project", project, "--pretty", "false"]).catch(String);
    const errors = said.split("\n").filter((line) => line.includes("error TS"));
    const found = Map.groupBy(errors, (line) => /[^ ]+(?=\(\d+,\d+\): error)/.exec(line)?.[0] ?? "");
    const isStrange = (file: string) => !files.includes(file);
    if ([...found.keys()].some(isStrange) || (said.includes("failed") && errors.length === 0)) throw new Error(said);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
