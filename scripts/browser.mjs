import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/**
 * The path of a Chromium: the one that CHROMIUM_PATH names, else one of the usual names on PATH, else Debian's, which is
 * then installed. Throws an Error that says what to do where none of that is possible.
 *
 * @returns {Promise<string>}
 */
export async function findBrowser() {
  const named = process.env["CHROMIUM_PATH"];
  if (named !== undefined && named !== "") {
    if (isExecutable(named)) return named;
    throw new Error(`CHROMIUM_PATH is ${named}, which is no executable file. Point it at a Chromium, or unset it.`);
  }
  const found = onPath(NAMES);
  if (found !== undefined) return found;
  install();
  const installed = onPath(NAMES);
  if (installed !== undefined) return installed;
  throw missing("apt-get installed the package chromium, but there is still none on PATH");
}

function install() {
  if (onPath(["apt-get"]) === undefined) throw missing("there is no apt-get to install one with");
  const prefix = privileges();
  if (prefix === undefined) throw missing("installing one needs root, or sudo without a password");
  for (const command of [["update"], ["install", "--yes", "--no-install-recommends", "chromium"]]) {
    const [program = "", ...rest] = [...prefix, "apt-get", "-q", ...command];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    // A browser that is found later prints nothing; one that has to be fetched tells why the wait.
    const { status } = spawnSync(program, rest, { stdio: ["ignore", "inherit", "inherit"], env });
    if (status !== 0) throw missing(`apt-get ${command.join(" ")} failed, as it says above`);
  }
}

/** What to put before a command that root must run; undefined where nothing helps. */
function privileges() {
  if (process.getuid?.() === 0) return [];
  const sudo = onPath(["sudo"]);
  if (sudo === undefined) return undefined;
  return spawnSync(sudo, ["-n", "true"], { stdio: "ignore" }).status === 0 ? [sudo, "-n", "-E"] : undefined;
}

/** @param {string[]} names */
function onPath(names) {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} why */
function missing(why) {
  const what = "The browser tests need a Chromium, none is installed";
  return new Error(`${what}, and ${why}. Install one (Debian: apt-get install chromium) or set CHROMIUM_PATH to one.`);
}
