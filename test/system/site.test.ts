import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { rewriteLinks } from "../../site/links.mjs";
import { addressOf, allPages } from "../../site/pages.mjs";
import { command, ROOT } from "./command.js";

const BUILT = join(ROOT, "site/.vitepress/dist");

beforeAll(() => command("node", ["site/build.mjs"]));

it("the site has every page of the repository, and one for each entry of the package", () => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const entries = Object.values(exports).flatMap((target) => {
    const types = typeof target === "object" && target !== null && "types" in target ? String(target.types) : "";
    const module = types.replace("./dist/", "").replace(/(\/index)?\.d\.ts$/, "");
    return module === "" ? [] : [`/api/${module === "index" ? "chat" : module}/`];
  });
  expect(entries).toContain("/api/client/");
  const addresses = [...[...allPages().values()].map(addressOf), "/api/", ...entries];
  expect(addresses.filter((address) => fileOf(address) === undefined)).toEqual([]);
});

it("no page is in a folder named index, in whose place VitePress shows the page of the folder above", () => {
  expect(globSync("**/index/*.html", { cwd: BUILT })).toEqual([]);
});

it("every link of the site leads to a page that it has, and to an anchor of that page", () => {
  const pages = globSync("**/*.html", { cwd: BUILT }).filter((page) => page !== "404.html");
  const links = pages.flatMap((page) => targetsIn(page).map((link) => ({ page, link })));
  expect(links.length).toBeGreaterThan(1_000);
  expect(links.filter(({ page, link }) => !leadsSomewhere(page, link))).toEqual([]);
});

it("the site loads nothing from anywhere else", () => {
  const pages = globSync("**/*.html", { cwd: BUILT });
  const loaded = pages.flatMap((page) => [
    ...read(page).matchAll(/<(?:link|script|img|source|iframe)\b[^>]*?\b(?:href|src|srcset)="([^"]+)"/g),
  ]);
  expect(loaded.length).toBeGreaterThan(pages.length);
  expect(loaded.map(([, address = ""]) => address).filter((address) => /^(https?:)?\/\//.test(address))).toEqual([]);
});

it("the search of the site knows every page", () => {
  const [index = ""] = globSync("assets/chunks/@localSearchIndexroot.*.js", { cwd: BUILT });
  const known = read(index);
  const addresses = [...allPages().values()].map(addressOf);
  expect(addresses.filter((address) => !known.includes(`"${address}#`) && !known.includes(`"${address}"`))).toEqual([]);
});

it("links are rewritten, and code is not", () => {
  const site = {
    pages: allPages(),
    repository: "https://repository.example",
    asset: (file: string) => `/copy/${file}`,
  };
  const text = [
    "[`ChatClient`](client.md#options) [a page](../../PROTOCOL.md) [a file](../../package.json) [a folder](../../src)",
    '[elsewhere](https://example.com) [here](#options) ![a picture](../../LICENSE) <img alt="" src="../../LICENSE">',
    "[by address](https://repository.example/blob/main/CONTRIBUTING.md#rules) [a file](https://repository.example/blob/main/package.json)",
    "`[code](client.md)`",
  ];
  expect(rewriteLinks(text.join("\n"), "docs/guides/react.md", site).split("\n")).toEqual([
    "[`ChatClient`](client.md#options) [a page](../reference/protocol.md) [a file](https://repository.example/blob/main/package.json) [a folder](https://repository.example/tree/main/src)",
    '[elsewhere](https://example.com) [here](#options) ![a picture](/copy/LICENSE) <img alt="" src="/copy/LICENSE">',
    "[by address](../contributing.md#rules) [a file](https://repository.example/blob/main/package.json)",
    "`[code](client.md)`",
  ]);
  expect(() => rewriteLinks("[gone](gone.md)", "docs/guides/react.md", site)).toThrow("gone.md");
});

function read(file: string): string {
  return readFileSync(join(BUILT, file), "utf8");
}

/** The links of a page to places of the site. */
function targetsIn(page: string): string[] {
  const links = [...read(page).matchAll(/<a\b[^>]*?\bhref="([^"]+)"/g)].map(([, link = ""]) =>
    link.replaceAll("&amp;", "&"),
  );
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const { pathname, hash } = new URL(link, `http://site/${page}`);
  const file = fileOf(pathname);
  if (file === undefined) return false;
  return hash === "" || read(file).includes(` id="${decodeURIComponent(hash.slice(1))}"`);
}

/** The file that a host serves for an address, with addresses that have no ".html". */
function fileOf(address: string): string | undefined {
  const path = decodeURIComponent(address).slice(1);
  return [path, `${path}.html`, join(path, "index.html")].find(
    (file) => /\.\w+$/.test(file) && existsSync(join(BUILT, file)),
  );
}
