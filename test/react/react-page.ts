import { join } from "node:path";
import { build, type Platform } from "esbuild";

const here = import.meta.dirname;
const FOLDERS = { 18: join(here, "react-18/node_modules"), 19: join(here, "../../node_modules") };

/** The majors of React that the hooks are for. */
export type ReactVersion = keyof typeof FOLDERS;
export const REACT_VERSIONS: readonly ReactVersion[] = [18, 19];

/** Bundles a module of `page/` with a React of that major, as it is in development, with all its warnings. */
export async function bundleWithReact(name: string, major: ReactVersion, platform: Platform): Promise<string> {
  const packages = ["react", "react-dom"].map((name) => [name, join(FOLDERS[major], name)]);
  const { outputFiles } = await build({
    entryPoints: [join(here, "page", name)],
    bundle: true,
    write: false,
    format: platform === "node" ? "cjs" : "esm",
    platform,
    jsx: "automatic",
    alias: Object.fromEntries(packages),
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${name}.`);
  return file.text;
}
