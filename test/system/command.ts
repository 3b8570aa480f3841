import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The root of the checkout. */
export const ROOT = join(import.meta.dirname, "../..");

/** Runs a program of the checkout's node_modules/.bin, or of PATH. Resolves with what it wrote; its failure tells all of it. */
export async function command(program: string, args: readonly string[], folder: string = ROOT): Promise<string> {
  const env = {
    ...process.env,
    PATH: `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}`,
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
    WRANGLER_SEND_METRICS: "false",
  };
  try {
    const { stdout, stderr } = await run(program, args, { cwd: folder, env, maxBuffer: 2 ** 26 });
    return stdout + stderr;
  } catch (cause) {
    if (!(cause instanceof Error && "stdout" in cause && "stderr" in cause)) throw cause;
    throw new Error(`${program} ${args.join(" ")} failed:\n${cause.stdout}${cause.stderr}`, { cause });
  }
}
