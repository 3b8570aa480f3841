import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * A program that the browser tests start.
 *
 * @typedef {object} Program
 * @property {string} what what it is, in an error
 * @property {string} variable the environment variable that may name its path
 * @property {string[]} names the usual names of it on PATH, or paths
 * @property {string} debian the Debian package that has it
 */

/** @type {Program} */
const CHROMIUM = {
  what: "a Chromium",
  variable: "CHROMIUM_PATH",
  // The first is the same engine without what a screen needs: a page costs a third of the processor's time.
  names: ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"],
  debian: "chromium-headless-shell",
};

/** @type {Program} */
const FIREFOX = {
  what: "a Firefox",
  variable: "FIREFOX_PATH",
  names: ["firefox-esr", "firefox"],
  debian: "firefox-esr",
};

/** @type {Program} */
const WEBKIT_DRIVER = {
  what: "WebKitWebDriver",
  variable: "WEBKIT_DRIVER_PATH",
  names: ["WebKitWebDriver"],
  debian: "webkit2gtk-driver",
};

/** @type {Program} */
const MINI_BROWSER = {
  what: "WebKit's MiniBrowser",
  variable: "MINI_BROWSER_PATH",
  names: ["x86_64", "aarch64"].map((machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`),
  debian: "libwebkit2gtk-4.1-0",
};

/** @type {Program} */
const XVFB = { what: "Xvfb", variable: "XVFB_PATH", names: ["Xvfb"], debian: "xvfb" };

/** The path of a Chromium. */
export function findChromium() {
  return find(CHROMIUM);
}

/** The path of a Firefox. */
export function findFirefox() {
  return find(FIREFOX);
}

/** The paths of what WebKit is driven with: the driver, the browser, and the server of a screen that nobody sees. */
export function findWebKit() {
  return { driver: find(WEBKIT_DRIVER), browser: find(MINI_BROWSER), screen: find(XVFB) };
}

/**
 * The path of a program: the one that its variable names, else one of the usual names, else Debian's, which is then
 * installed. Throws an Error that says what to do where none of that is possible.
 *
 * @param {Program} program
 * @returns {string}
 */
function find(program) {
  const { variable, names, debian } = program;
  const named = process.env[variable];
  if (named !== undefined && named !== "") {
    if (isExecutable(named)) return named;
    throw new Error(`${variable} is ${named}, which is no executable file. Point it at ${program.what}, or unset it.`);
  }
  const found = onPath(names);
  if (found !== undefined) return found;
  install(program);
  const installed = onPath(names);
  if (installed !== undefined) return installed;
  throw missing(program, `apt-get installed the package ${debian}, but there is still none where it is looked for`);
}

/** @param {Program} program */
function install(program) {
  if (onPath(["apt-get"]) === undefined) throw missing(program, "there is no apt-get to install one with");
  const prefix = privileges();
  if (prefix === undefined) throw missing(program, "installing one needs root, or sudo without a password");
  // Whoever else installs something is waited for.
  const lock = ["-o", "DPkg::Lock::Timeout=600"];
  for (const command of [["update"], ["install", "--yes", "--no-install-recommends", program.debian]]) {
    const [first = "", ...rest] = [...prefix, "apt-get", "-q", ...lock, ...command];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    // A browser that is found later prints nothing; one that has to be fetched tells why the wait.
    const { status } = spawnSync(first, rest, { stdio: ["ignore", "inherit", "inherit"], env });
    if (status !== 0) throw missing(program, `apt-get ${command.join(" ")} failed, as it says above`);
  }
}

/** What to put before a command that root must run; undefined where nothing helps. */
function privileges() {
  if (process.getuid?.() === 0) return [];
  const sudo = onPath(["sudo"]);
  if (sudo === undefined) return undefined;
  return spawnSync(sudo, ["-n", "true"], { stdio: "ignore" }).status === 0 ? [sudo, "-n", "-E"] : undefined;
}

/**
 * The first of these programs that is on PATH; a path stands for itself.
 *
 * @param {string[]} names
 */
function onPath(names) {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const files = names.flatMap((name) => (name.startsWith("/") ? [name] : folders.map((folder) => join(folder, name))));
  return files.find(isExecutable);
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

/**
 * @param {Program} program
 * @param {string} why
 */
function missing({ what, variable, debian }, why) {
  const problem = `The browser tests need ${what}, none is installed, and ${why}.`;
  return new Error(`${problem} Install one (Debian: apt-get install ${debian}) or set ${variable} to one.`);
}
