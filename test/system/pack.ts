import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { command } from "./command.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The path of the packed package, made as `npm publish` would make it. */
    tarball: string;
  }
}

/** Packs the package once for all system tests: they use what users install. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "workkit-chat-pack-"));
  project.provide("tarball", await pack(folder));
  return () => rm(folder, { recursive: true, force: true });
}

/** Packs the package into a folder. Returns the path of the tarball. */
export async function pack(folder: string, ...options: string[]): Promise<string> {
  const written = await command("npm", ["pack", "--pack-destination", folder, ...options]);
  const name = written.match(/^\S+\.tgz$/m)?.[0];
  if (name === undefined) throw new Error(`npm pack named no tarball. It wrote:\n${written}`);
  return join(folder, name);
}
