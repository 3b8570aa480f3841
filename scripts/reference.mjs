/*
 * Derives the pages of docs/reference that list options and codes from the tables in src: names, types and docs from the built
 * declarations, defaults and bounds from the built code. `--check` writes nothing and fails where a page is stale.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path/posix";
import { OPTIONS as CLIENT_OPTIONS } from "../dist/client/options.js";
import { CLOSE_CODES } from "../dist/protocol/close-codes.js";
import { ERROR_CODES } from "../dist/protocol/errors.js";
import { HOOKS } from "../dist/server/hooks.js";
import { OPTIONS, SESSION_OPTIONS } from "../dist/server/options.js";

/** @type {string[]} */
const problems = [];

/** @typedef {{ key: string, type: string, what: string, toDo: string, initial: string | undefined }} Row */

/**
 * The rows of a table that is `export const <name> = { … }` or `export interface <name> { … }` in a source, each with its JSDoc.
 *
 * @param {string} source such as `server/options`
 * @param {string} name
 * @returns {Row[]}
 */
export function tableOf(source, name) {
  const text = readFileSync(`dist/${source}.d.ts`, "utf8");
  const [, after] = text.split(new RegExp(`export (?:declare const ${name}:|interface ${name}) \\{\n`));
  const body = after?.split(/\n\}(?: &.*)?;?\n/)[0];
  if (body === undefined) throw new Error(`src/${source}.ts exports no table ${name}.`);
  const rows = body.split(/(?<=;)\n(?= {4}(?:\/\*\*|readonly |\w))/);
  return rows.map((row) => {
    const [, comment = "", key = "", type = ""] =
      /^(?: {4}\/\*\*([\s\S]*?)\*\/\n)? {4}(?:readonly )?(\w+\??): ([\s\S]*);$/.exec(row) ?? [];
    const [text = "", ...tags] = comment
      .replaceAll(/^ *\* ?/gm, "")
      .trim()
      .split(/\n?@(?=default )/);
    const [what = "", ...rest] = withLinks(text)
      .split(/\n\s*\n/)
      .map((paragraph) => paragraph.replaceAll(/\s+/g, " ").trim());
    if (what === "") problems.push(`src/${source}.ts: ${name}.${key} has no docs. Put a JSDoc comment before its row.`);
    return {
      key,
      type: type.replaceAll(/\s+/g, " "),
      what,
      toDo: rest.join(" "),
      initial: tags[0]?.replace("default ", "").trim(),
    };
  });
}

/** Pages that docs name by their paths, since an editor shows docs too, as links from docs/reference. @param {string} text */
function withLinks(text) {
  return text.replaceAll(/docs\/[\w/-]+\.md/g, (path) => `[${path}](${relative("docs/reference", path)})`);
}

/** A table of Markdown. @param {string[]} header @param {string[][]} rows */
export function markdown(header, rows) {
  /** @param {string[]} cells */
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

/**
 * Options with their defaults and bounds, which the code itself says.
 *
 * @param {string} source
 * @param {string} name
 * @param {object} table
 */
function options(source, name, table) {
  const rows = tableOf(source, name).map(({ key, type, what, initial }) => {
    const option = Reflect.get(table, key);
    const preset = initial === "required" ? undefined : show(option(undefined, key));
    if (initial === undefined || (preset !== undefined && preset !== initial)) {
      problems.push(`src/${source}.ts: ${name}.${key} says "@default ${initial}", and its default is ${preset}.`);
    }
    const value = /Option<(.*)>$/.exec(type)?.[1]?.replace(/ \| undefined$/, "") ?? type;
    const named = value.replace(/^\((.*)\)$/, "$1");
    const must = [`\`${named}\``, accepted(option, key)].filter((part) => part !== "").join(", ");
    return [`\`${key}\``, preset === undefined ? String(initial) : `\`${preset}\``, must, what];
  });
  return markdown(["option", "default", "must be", ""], rows);
}

/**
 * What an option must be, as it says where it is given what none accepts.
 *
 * @param {import("../dist/protocol/options.js").Option<unknown>} option
 * @param {string} key
 */
function accepted(option, key) {
  try {
    option(null, key);
  } catch (error) {
    const expected = / must be (.*?)(?: or undefined)?, not null\.$/.exec(String(error))?.[1];
    if (expected !== undefined) return expected === "a function" ? "" : expected;
  }
  throw new Error(`The option ${key} does not say what it must be.`);
}

/** @param {unknown} value */
function show(value) {
  if (value === undefined || typeof value === "function") return undefined;
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, part]) => `${name}: ${part}`)
    .join(", ")} }`;
}

/**
 * Codes with what they stand for.
 *
 * @param {string} file
 * @param {string} name
 * @param {string[]} columns
 * @param {object} table
 * @param {(key: string, value: unknown) => string[]} cells
 */
function codes(file, name, columns, table, cells) {
  const rows = tableOf(file, name).map(({ key, what, toDo }) => {
    if (toDo === "") problems.push(`src/${file}.ts: ${name}.${key} needs a second paragraph that says what to do.`);
    return [...cells(key, Reflect.get(table, key)), what, toDo];
  });
  return markdown([...columns, "when", "what to do"], rows);
}

/** The RPC methods, each with its parameters and result. */
function methods() {
  const rows = tableOf("session/rpc/methods", "RPC_METHODS").map(({ key, type, what, toDo }) => {
    const [, parameters = "", result = ""] = /^\(.*?: RpcHost(?:, )?(.*)\) => Promise<(.*)>$/.exec(type) ?? [];
    if (result === "")
      problems.push(`src/session/rpc/methods.ts: ${key} is no function of an RpcHost that returns a promise.`);
    if (toDo === "")
      problems.push(`src/session/rpc/methods.ts: ${key} needs a second paragraph with its errors, or "None."`);
    const named = parameters.replaceAll(/\{[^}]*\}(\??)/g, "options$1");
    return [`\`${key}(${named})\``, `\`${result}\``, what, toDo];
  });
  return markdown(["method", "resolves with", "", "errors"], rows);
}

/** The fields of an interface of the RPC methods. @param {string} name */
function fields(name) {
  const rows = tableOf("session/rpc/methods", name).map(({ key, type, what }) => [`\`${key}\``, `\`${type}\``, what]);
  return markdown(["field", "type", ""], rows);
}

const PAGES = {
  "docs/reference/options.md": () => `# Options

A wrong option throws \`ChatError("INVALID_OPTION")\` when the transport or the session is made. Names that do not exist are refused with
the nearest that does.

## Of both kinds of server

${options("server/options", "OPTIONS", OPTIONS)}

## Hooks

A hook is given copies: what it changes in them, throws or rejects with changes nothing for the traffic.

${options("server/hooks", "HOOKS", HOOKS)}

## Of sessions alone

The transport ignores them, so that one object may serve both.

${options("server/options", "SESSION_OPTIONS", SESSION_OPTIONS)}

## Of the client

Those of \`ChatClient\`; more about them is in [the client's guide](../guides/client.md).

${options("client/options", "OPTIONS", CLIENT_OPTIONS)}
`,
  "docs/reference/errors.md": () => `# Errors

## Error codes

What clients are sent is an \`error\` envelope with the code in \`metadata.code\`, as [PROTOCOL.md](../../PROTOCOL.md#error-codes) says. In the
application's own code they are the \`code\` of a \`ChatError\`. Codes that start with \`x-\` are the application's: \`x-\`, then 1 to 62 letters, digits,
dots, underscores or hyphens. What the user of a page sees is in [Troubleshooting](../guides/troubleshooting.md).

${codes("protocol/errors", "ERROR_CODES", ["code", "text"], ERROR_CODES, (key, text) => [`\`${key}\``, String(text)])}

## Close codes

Of a WebSocket. 4000 to 4499 ask the client to reconnect; 1008, 1009 and 4500 to 4999 forbid it.

${codes("protocol/close-codes", "CLOSE_CODES", ["code", "name"], CLOSE_CODES, (key, code) => [String(code), `\`${key}\``])}
`,
  "docs/reference/rpc.md": () => `# RPC methods

What a Worker may do with a session: \`chatSession(env.CHAT_DO.getByName("room-1"))\` has these methods. Each is one RPC call, which is billed as a request. Errors are
[\`ChatError\`s](errors.md#error-codes).

${methods()}

## HistoryQuery

${fields("HistoryQuery")}

## History

${fields("History")}

## DisconnectTarget

\`{ connectionId: string }\` or \`{ identityId: string }\`.

## DisconnectOptions

${fields("DisconnectOptions")}

## ConnectionInfo

${fields("ConnectionInfo")}
`,
};

for (const [path, write] of Object.entries(PAGES)) {
  const page = `<!-- Derived from src by "npm run docs": edit the tables there. -->\n\n${write()}`;
  if (!process.argv.includes("--check")) {
    mkdirSync("docs/reference", { recursive: true });
    writeFileSync(path, page);
  } else if (read(path) !== page) {
    problems.push(`${path} is stale: its tables in src have changed. Run "npm run docs" and commit what it writes.`);
  }
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
