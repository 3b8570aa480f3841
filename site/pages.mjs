import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path/posix";

/*
 * Which files of the repository are pages of the site, at which route each, and in which order they are listed. Paths are relative to the root of
 * the repository, and a route is the path of a Markdown file of the site.
 */

/** The list of pages, whose sections are those of the side bar. */
export const CONTENTS = "docs/README.md";

const OUTSIDE_OF_DOCS = new Map([
  ["README.md", "index.md"],
  ["PROTOCOL.md", "reference/protocol.md"],
  ["CONTRIBUTING.md", "contributing.md"],
  ["CHANGELOG.md", "changelog.md"],
  ["SECURITY.md", "vulnerabilities.md"],
  ["bench/RESULTS.md", "explanation/benchmarks.md"],
]);

const DECISIONS = "docs/decisions";

/** Every page with its route. @returns {Map<string, string>} */
export function allPages() {
  const pages = new Map(OUTSIDE_OF_DOCS);
  for (const page of globSync("docs/**/*.md").sort())
    pages.set(page, relative("docs", page).replace("README", "contents"));
  for (const page of globSync("examples/*/README.md").sort()) pages.set(page, `examples/${basename(dirname(page))}.md`);
  return pages;
}

/** The text of the first heading of a page. @param {string} page */
export function titleOf(page) {
  const title = /^# (.+)$/m.exec(readFileSync(page, "utf8"))?.[1];
  if (title === undefined) throw new Error(`${page} has no title. Begin it with "# ".`);
  return title;
}

/**
 * The sections of the side bar, as the list of pages has them. A link to the folder of decisions stands for all of them.
 *
 * @param {Map<string, string>} pages
 */
export function sections(pages) {
  const [, ...parts] = readFileSync(CONTENTS, "utf8").split(/^## /m);
  return parts.map((part) => {
    const text = part.slice(0, part.indexOf("\n"));
    const links = [...part.matchAll(/\[([^\]]+)\]\(([^)#\s]+)\)/g)];
    return { text, items: links.flatMap(([, name = "", link = ""]) => itemsOf(pages, name, join("docs", link))) };
  });
}

/** @param {Map<string, string>} pages @param {string} text @param {string} target */
function itemsOf(pages, text, target) {
  if (target === DECISIONS) {
    const decisions = [...pages].filter(([page]) => page.startsWith(`${DECISIONS}/`));
    return decisions.map(([page, route]) => ({ text: titleOf(page), link: addressOf(route) }));
  }
  const route = pages.get(target);
  return route === undefined ? [] : [{ text, link: addressOf(route) }];
}

/** Where the site serves a route. @param {string} route */
export function addressOf(route) {
  return `/${route.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "")}`;
}

/** The pages that the list does not name. @param {Map<string, string>} pages @returns {string[]} */
export function unlisted(pages) {
  const listed = new Set(sections(pages).flatMap(({ items }) => items.map(({ link }) => link)));
  return [...pages].filter(([page, route]) => page !== CONTENTS && !listed.has(addressOf(route))).map(([page]) => page);
}
