import { type BuildOptions, build } from "esbuild";

/** The conditions that Cloudflare's own tools resolve with: the root entry has to be found by the first of them. */
const CONDITIONS = ["workerd", "worker", "browser"];

/** Bundles a worker as `wrangler deploy` does: one module, with what the runtime brings left out. Returns its text. */
export async function bundleWorker(entry: string, more: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: CONDITIONS,
    external: ["cloudflare:*", "workerd:*"],
    logLevel: "silent",
    ...more,
  });
  const [file] = outputFiles ?? [];
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}.`);
  return file.text;
}
