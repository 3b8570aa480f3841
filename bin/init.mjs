#!/usr/bin/env node
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * npx @workkit/chat init FOLDER writes the chat with sign-in of the tutorial into a folder, which must be new or empty.
 * A repository without a file is empty, too.
 */

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const USAGE = "Usage: npx @workkit/chat init FOLDER";

const [command, name = "", ...more] = process.argv.slice(2);
if (command === "--help" || command === "-h") {
  console.log(USAGE);
} else {
  if (command !== "init" || name === "" || name.startsWith("-") || more.length > 0) fail(USAGE);
  const folder = resolve(name);
  if (existsSync(folder)) checkEmpty(folder);
  write(folder);
}

/** @param {string} folder */
function checkEmpty(folder) {
  if (!statSync(folder).isDirectory()) fail(`${folder} is a file. Name a new folder.`);
  if (readdirSync(folder).some((name) => name !== ".git")) fail(`${folder} is not empty. Name a new folder.`);
}

/** @param {string} folder */
function write(folder) {
  cpSync(join(PACKAGE, "template"), folder, { recursive: true });
  // npm leaves a .gitignore out of a package, so the template has it under another name.
  renameSync(join(folder, "gitignore"), join(folder, ".gitignore"));
  writeFileSync(join(folder, ".dev.vars"), `TOKEN_SECRET=${randomBytes(32).toString("hex")}\n`);
  const { version } = readJson(join(PACKAGE, "package.json"));
  const project = readJson(join(folder, "package.json"));
  project.name = toPackageName(basename(folder));
  project.dependencies["@workkit/chat"] = `^${version}`;
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(project, undefined, 2)}\n`);
  const wrangler = join(folder, "wrangler.jsonc");
  writeFileSync(wrangler, readFileSync(wrangler, "utf8").replace('"my-chat"', JSON.stringify(project.name)));
  const path = relative("", folder);
  console.log(`Your chat is in ${path || "this folder"}. README.md there says how to run and deploy it.

${path === "" ? "" : `  cd "${path}"\n`}  npm install
  npm run dev
`);
}

/** A name that npm and Cloudflare both accept. @param {string} name */
function toPackageName(name) {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ["chat"];
  return words.join("-").slice(0, 63);
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
