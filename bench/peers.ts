import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = import.meta.dirname;

/** Installs the peers where they are missing or not the locked ones. @throws Error that says what to do */
export function installPeers(say: (text: string) => void): void {
  const wanted = Object.entries(dependencies());
  if (wanted.every(([name, version]) => installedVersion(name) === version)) return;
  say("Installing the peers: npm ci in bench/");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: FOLDER, stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  throw new Error("The peers could not be installed. Run npm ci in bench/ where there is a network, or add --quick.");
}

/** The peers and their versions. */
export function dependencies(): Record<string, string> {
  return JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")).dependencies;
}

function installedVersion(name: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(FOLDER, "node_modules", name, "package.json"), "utf8")).version;
  } catch {
    return undefined;
  }
}
