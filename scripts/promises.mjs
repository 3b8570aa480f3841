import { globSync, readFileSync, writeFileSync } from "node:fs";

/*
 * Keeps docs/reference/promises.md in step with the sources: under each promise stand the tests whose names begin with it
 * (`P4: ...`, or several: `P4, P8: ...`). Without arguments the lists are written; with `--check` the page must be up to date.
 * Either way it fails if a promise has no test, or if a test or a text names a promise that the page does not have.
 */

const PAGE = "docs/reference/promises.md";
/** Where the tests are shown. The package has the page and no tests, so its links lead to the repository. */
const SOURCES = "https://github.com/workkit/chat/blob/main";
const TESTS = ["test/**/*.test.{ts,tsx}", "e2e/**/*.test.ts"];
const TEXTS = ["{src,test,e2e}/**/*.{ts,tsx}", "{torture,siege}/**/*.ts", "*.md", "docs/**/*.md"];
const WITHOUT = ["**/node_modules/**"];

/**
 * A test, with the names of the `describe` blocks around it.
 *
 * @typedef {{ file: string, name: string, promises: string[] }} Test
 */

const page = readFileSync(PAGE, "utf8");
const promises = [...page.matchAll(/^## (P\d+): /gm)].map(([, id = ""]) => id);
const tests = globSync(TESTS, { exclude: WITHOUT }).sort().flatMap(testsOf);
/** @type {string[]} */
const problems = [];
const written = promises.reduce(withTests, page);

if (!process.argv.includes("--check")) writeFileSync(PAGE, written);
else if (written !== page) problems.push(`${PAGE} is out of date. Run "npm run docs", and commit it with the tests.`);
problems.push(
  ...promises.filter((id) => testsFor(id).length === 0).map(hasNoTest),
  ...tests.filter(({ name }) => /\bP\d+\b/.test(name)).map(isMisspelt),
  ...globSync(TEXTS, { exclude: WITHOUT }).sort().flatMap(unknownCitations),
);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`Promises: ${promises.length}, held by ${tests.filter((test) => test.promises.length > 0).length} tests.`);

/** @param {string} id */
function hasNoTest(id) {
  return `${id} has no test. Begin the name of each test that holds it with "${id}: ", or take it off ${PAGE}.`;
}

/** @param {Test} test */
function isMisspelt({ file, name }) {
  return `${file}: the test "${name}" names a promise within its text. Put it first: "P4: ...", or "P4, P8: ...".`;
}

/** @param {string} file */
function unknownCitations(file) {
  const cited = new Set(readFileSync(file, "utf8").match(/\bP\d{1,2}\b/g) ?? []);
  const unknown = [...cited].filter((id) => !promises.includes(id));
  return unknown.map((id) => `${file} names ${id}, which is not on ${PAGE}. Name one that is, or add it there.`);
}

/** @param {string} id */
function testsFor(id) {
  return tests.filter((test) => test.promises.includes(id));
}

/**
 * The page with the list of the tests of one promise put between its comments.
 *
 * @param {string} text
 * @param {string} id
 */
function withTests(text, id) {
  const [open, close] = [`<!-- tests of ${id} -->\n`, `<!-- end of the tests of ${id} -->`];
  const [before, rest] = text.split(open);
  const after = rest?.split(close)[1];
  if (before === undefined || after === undefined) {
    problems.push(
      `${PAGE}: ${id} needs the lines "${open.trim()}" and "${close}", between which its tests are listed.`,
    );
    return text;
  }
  return `${before}${open}${listOf(testsFor(id))}${close}${after}`;
}

/** @param {Test[]} held */
function listOf(held) {
  const files = [...new Set(held.map(({ file }) => file))];
  const lines = files.flatMap((file) => [
    `- [${file}](${SOURCES}/${file})`,
    ...held.filter((test) => test.file === file).map(({ name }) => `  - ${name}`),
  ]);
  const count = `${held.length} ${held.length === 1 ? "test" : "tests"} in ${files.length} ${files.length === 1 ? "file" : "files"}`;
  return ["<details>", `<summary>${count}</summary>`, "", ...lines, "", "</details>", ""].join("\n");
}

/**
 * The tests of a file. A block belongs to the one before it that is indented less.
 *
 * @param {string} file
 * @returns {Test[]}
 */
function testsOf(file) {
  const source = readFileSync(file, "utf8");
  /** @type {{ indent: number, name: string, promises: string[] }[]} */
  let around = [];
  const found = [];
  for (const { 1: kind, 2: modifiers = "", index } of source.matchAll(/(?<![.\w])(describe|it)((?:\.\w+)*)\(/g)) {
    const line = source.lastIndexOf("\n", index) + 1;
    const indent = source.slice(line).search(/\S/);
    const name = nameAt(source.slice(index), modifiers);
    if (name === undefined) continue;
    around = around.filter((block) => block.indent < indent);
    const block = { indent, ...readName(name) };
    if (kind === "describe") around.push(block);
    else {
      const all = [...around, block];
      const held = new Set(all.flatMap((part) => part.promises));
      found.push({ file, name: all.map((part) => part.name).join(" "), promises: [...held] });
    }
  }
  return found;
}

/**
 * The name that a call of `describe` or `it` gives, with its placeholders left open.
 *
 * @param {string} call
 * @param {string} modifiers
 */
function nameAt(call, modifiers) {
  const start = modifiers.endsWith(".each") ? /\)\(\s*(?=["'`])/ : /\(\s*(?=["'`])/;
  const [literal] = call.slice(call.search(start)).match(/(["'`])(?:\\.|(?!\1)[^\\])*\1/) ?? [];
  return literal
    ?.slice(1, -1)
    .replaceAll(/\\(.)/g, "$1")
    .replaceAll(/\$\{[^}]*\}|%[sidfjoOc#]|\$\w+(?:\.\w+)*/g, "…")
    .replaceAll(/[<>|]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** @param {string} name */
function readName(name) {
  const [prefix, ids] = name.match(/^(P\d+(?:, P\d+)*): /) ?? [];
  return { name: prefix === undefined ? name : name.slice(prefix.length), promises: ids?.split(", ") ?? [] };
}
