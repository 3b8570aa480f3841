import { existsSync, globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { allPages, unlisted } from "../../site/pages.mjs";
import { anchorsIn, isAddress, leadsSomewhere, linksOf, targetOf } from "./page-links.js";

const NOWHERE = "docs/nothing.md";
const WITHOUT = ["**/node_modules", "dist", "site/.*"];
const PAGES = globSync("**/*.md", { exclude: WITHOUT }).sort();
const SOURCES = globSync("**/*.{ts,tsx,mjs,jsonc,md}", { exclude: WITHOUT }).sort();

it.each(PAGES)("every link of %s leads to a file of the repository", (page) => {
  const missing = linksOf(readFileSync(page, "utf8")).filter((link) => !leadsSomewhere(page, link));
  expect(missing).toEqual([]);
});

it("a page of the package links by path to what the package has, and by its address in the repository to all else", () => {
  const { files }: { files: string[] } = JSON.parse(readFileSync("package.json", "utf8"));
  // npm takes these along without being asked.
  const packed = globSync([...files, "README.md", "LICENSE", "package.json"].flatMap((path) => [path, `${path}/**`]));
  // init copies the template out of the package, so its page can link to nothing by path.
  const pages = packed.filter((path) => path.endsWith(".md") && !path.startsWith("template/"));
  const links = pages.flatMap((page) =>
    linksOf(readFileSync(page, "utf8")).map((link) => ({ page, link, target: targetOf(page, link) })),
  );
  expect(pages.length).toBeGreaterThan(20);
  expect(links.filter(({ link, target }) => !isAddress(link) && !packed.includes(target))).toEqual([]);
  expect(links.filter(({ link, target }) => isAddress(link) && packed.includes(target))).toEqual([]);
});

it("every page that a source names by its path exists", () => {
  const named = SOURCES.flatMap((source) => readFileSync(source, "utf8").match(/(?<![\w./-])docs\/[\w/-]+\.md/g) ?? []);
  expect(named.length).toBeGreaterThan(10);
  expect([...new Set(named)].filter((path) => !existsSync(path) && path !== NOWHERE)).toEqual([]);
});

it("docs/README.md lists every page", () => {
  expect(unlisted(allPages())).toEqual([]);
  expect(unlisted(new Map([[NOWHERE, "nothing.md"]]))).toEqual([NOWHERE]);
});

it("the check of links reports one that leads nowhere", () => {
  expect(leadsSomewhere("README.md", NOWHERE)).toBe(false);
  expect(leadsSomewhere("README.md", "PROTOCOL.md#nothing")).toBe(false);
  expect(leadsSomewhere("README.md", "PROTOCOL.md#limits")).toBe(true);
  expect(leadsSomewhere("README.md", "https://github.com/workkit/chat/blob/main/docs/nothing.md")).toBe(false);
  expect(leadsSomewhere("docs/README.md", "https://github.com/workkit/chat/tree/main/src")).toBe(true);
});

it("the check of links reads links, references and pictures, and no code", () => {
  const text =
    '[a `b`](c.md) ![d](e.svg) <img src="f.png"> <a href="g.md">\n\n[h]: i.md\n\n`[j](k.md)`\n```\n[l](m.md)\n```\n[n](https://elsewhere.example/) [o](p.md "q")';
  expect(linksOf(text)).toEqual(["c.md", "e.svg", "f.png", "g.md", "i.md", "p.md"]);
});

it("the second heading of a name has an anchor of its own", () => {
  expect(anchorsIn("# Errors\n## `Errors`\n```\n# no heading\n```\n")).toEqual(["errors", "errors-1"]);
});
