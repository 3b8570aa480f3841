import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { anchorOf } from "../../site/anchors.mjs";
import { allPages, unlisted } from "../../site/pages.mjs";

const NOWHERE = "docs/nothing.md";
const WITHOUT = ["**/node_modules", "dist", "site/.*"];
const PAGES = globSync("**/*.md", { exclude: WITHOUT }).sort();
const SOURCES = globSync("**/*.{ts,tsx,mjs,jsonc,md}", { exclude: WITHOUT }).sort();
const CODE = /^ *```[\s\S]*?^ *```$|`[^`\n]+`/gm;

it.each(PAGES)("every link of %s leads to a file of the repository", (page) => {
  const missing = linksOf(readFileSync(page, "utf8")).filter((link) => !leadsSomewhere(page, link));
  expect(missing).toEqual([]);
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
});

it("the check of links reads links, references and pictures, and no code", () => {
  const text =
    '[a `b`](c.md) ![d](e.svg) <img src="f.png"> <a href="g.md">\n\n[h]: i.md\n\n`[j](k.md)`\n```\n[l](m.md)\n```\n';
  expect(linksOf(text)).toEqual(["c.md", "e.svg", "f.png", "g.md", "i.md"]);
});

it("the second heading of a name has an anchor of its own", () => {
  expect(anchorsIn("# Errors\n## `Errors`\n```\n# no heading\n```\n")).toEqual(["errors", "errors-1"]);
});

function linksOf(text: string): string[] {
  const link = /\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)|<(?:img|source|a)\b[^>]*?(?:src|srcset|href)="([^"]+)"/gm;
  const links = [...text.replaceAll(CODE, "").matchAll(link)].map(
    ([, inline, reference, tag]) => inline ?? reference ?? tag ?? "",
  );
  return links.filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsIn(readFileSync(target, "utf8")).includes(anchor);
}

function anchorsIn(text: string): string[] {
  const blocks = /^ *```[\s\S]*?^ *```$/gm;
  const headings = [...text.replaceAll(blocks, "").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    anchorOf(heading),
  );
  return headings.map((anchor, at) => {
    const before = headings.slice(0, at).filter((other) => other === anchor).length;
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}
