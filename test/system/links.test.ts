import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const PAGES = globSync(["*.md", "docs/**/*.md"]);

it.each(PAGES)("every link of %s leads to a file of the repository", (page) => {
  const missing = linksOf(page).filter((link) => !leadsSomewhere(page, link));
  expect(missing).toEqual([]);
});

it("the check of links reports one that leads nowhere", () => {
  expect(leadsSomewhere("README.md", "docs/nothing.md")).toBe(false);
  expect(leadsSomewhere("README.md", "PROTOCOL.md#nothing")).toBe(false);
  expect(leadsSomewhere("README.md", "PROTOCOL.md#limits")).toBe(true);
});

function linksOf(page: string): string[] {
  const links = [...readFileSync(page, "utf8").matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  const headings = [...readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
