import { spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { apiItems, apiOptions, entriesOf, ROOT_ENTRY } from "./api.mjs";
import { linkNamedPages, rewriteLinks } from "./links.mjs";
import { allPages, sections, unlisted } from "./pages.mjs";

/*
 * Builds the documentation site into site/.vitepress/dist, from the pages and the docblocks of the repository alone. First all pages are written to
 * site/.pages, at their routes and with their links rewritten; VitePress makes the site of them, and fails at a link that leads nowhere.
 */

const FOLDER = import.meta.dirname;
const STAGE = join(FOLDER, ".pages");
const API = join(STAGE, "api");

process.chdir(join(FOLDER, ".."));
const { exports, repository: source } = JSON.parse(readFileSync("package.json", "utf8"));
const repository = source.url.replace(/^git\+/, "").replace(/\.git$/, "");
const pages = allPages();
const site = { pages, repository, asset: copyAsset };

rmSync(STAGE, { recursive: true, force: true });
install();
const missing = unlisted(pages);
if (missing.length > 0)
  throw new Error(`docs/README.md lists every page, but not ${missing.join(", ")}. Add a link there.`);
for (const [page, route] of pages) stage(route, rewriteLinks(readFileSync(page, "utf8"), page, site));
writeApi();
stage(
  "navigation.json",
  JSON.stringify({
    repository,
    sections: [...sections(pages), { text: "API", link: "/api/", items: apiItems(exports, API) }],
  }),
);
run("vitepress", ["build", "."]);
console.log("The site is in site/.vitepress/dist.");

/** Installs what builds the site, where it is missing or not what is locked. */
function install() {
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8"));
  if (Object.entries(dependencies).every(([name, version]) => installedVersion(name) === version)) return;
  console.log("Installing what builds the site: npm ci in site/");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: FOLDER, stdio: "inherit" });
  if (status !== 0)
    throw new Error("What builds the site could not be installed. Run npm ci in site/ where there is a network.");
}

/** @param {string} name */
function installedVersion(name) {
  try {
    return JSON.parse(readFileSync(join(FOLDER, "node_modules", name, "package.json"), "utf8")).version;
  } catch {
    return undefined;
  }
}

function writeApi() {
  const options = join(STAGE, "typedoc.json");
  writeFileSync(options, JSON.stringify(apiOptions(exports, repository, process.cwd(), API)));
  run("typedoc", ["--options", options]);
  renameSync(join(API, "index"), join(API, ROOT_ENTRY));
  for (const file of globSync("api/**/*.md", { cwd: STAGE })) {
    const text = readFileSync(join(STAGE, file), "utf8").replaceAll(/(\]\((?:\.\.\/)+)index\//g, `$1${ROOT_ENTRY}/`);
    stage(file, linkNamedPages(text, file, site));
  }
  const entries = entriesOf(exports).map(({ name, folder }) => ({ name, page: `${folder}/index.md` }));
  for (const { name, page } of entries) {
    stage(`api/${page}`, readFileSync(join(API, page), "utf8").replace(/^# .*/, `# ${name}`));
  }
  const links = entries.map(({ name, page }) => `- [\`${name}\`](${page})`);
  stage("api/index.md", ["# API", "What each entry of the package exports.", links.join("\n"), ""].join("\n\n"));
}

/** @param {string} route @param {string} text */
function stage(route, text) {
  const file = join(STAGE, route);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** @param {string} file */
function copyAsset(file) {
  mkdirSync(join(STAGE, "public"), { recursive: true });
  const name = file.replaceAll("/", "-");
  copyFileSync(file, join(STAGE, "public", name));
  return `/${name}`;
}

/** @param {string} program @param {string[]} args */
function run(program, args) {
  const { status } = spawnSync(join(FOLDER, "node_modules/.bin", program), args, { cwd: FOLDER, stdio: "inherit" });
  if (status !== 0) throw new Error(`${program} failed, as it says above.`);
}
