import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const FOLDER = import.meta.dirname;

/** Installs the frameworks where they are missing or not what is locked, before test files that run side by side use them. */
export default async function setup(): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(FOLDER, "package.json"), "utf8"));
  const versions = await Promise.all(Object.keys(dependencies).map(installedVersion));
  if (Object.values(dependencies).every((version, at) => version === versions[at])) return;
  await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: FOLDER });
}

async function installedVersion(name: string): Promise<string | undefined> {
  const text = await readFile(join(FOLDER, "node_modules", name, "package.json"), "utf8").catch(() => "{}");
  return JSON.parse(text).version;
}
