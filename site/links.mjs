import { existsSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path/posix";

/**
 * What the site needs to know to rewrite the links of a page.
 *
 * @typedef {object} Site
 * @property {Map<string, string>} pages the route of each page
 * @property {string} repository the address of the repository, where files that are no pages are shown
 * @property {(file: string) => string} asset the address of a picture, which it copies
 */

/** Code, which is left as it is: a block or a span. */
const CODE = /^ *```[\s\S]*?^ *```$|`[^`\n]+`/m;
const LINK = /(?<mark>!?)\[(?<name>(?:[^[\]]|\[[^\]]*\](?:\([^)]*\))?)*)\]\((?<link>[^)\s]+)\)/;
const PICTURE = /(?<tag><(?:img|source)\b[^>]*?\b(?:src|srcset)=")(?<source>[^"]+)/;
const REWRITTEN = new RegExp(`${CODE.source}|${LINK.source}|${PICTURE.source}`, "gm");

/**
 * A page with its links leading to where the site has their targets: other pages to their routes, pictures to copies, all other files to the
 * repository.
 *
 * @param {string} text
 * @param {string} page
 * @param {Site} site
 * @returns {string}
 */
export function rewriteLinks(text, page, site) {
  return text.replaceAll(REWRITTEN, (found, ...rest) => {
    const { mark, name = "", link, tag, source } = rest.at(-1);
    if (tag !== undefined) return tag + showPicture(source, page, site);
    if (link === undefined) return found;
    if (mark === "!") return `![${name}](${showPicture(link, page, site)})`;
    return `[${rewriteLinks(name, page, site)}](${leadTo(link, page, site)})`;
  });
}

/**
 * A page of the API with the pages that its docs name as links. The JSDoc of the sources names them by their paths, since an editor shows it too.
 *
 * @param {string} text
 * @param {string} route
 * @param {Site} site
 */
export function linkNamedPages(text, route, { pages }) {
  const names = [...pages.keys()].map((page) => page.replaceAll(".", "\\.")).join("|");
  return text.replaceAll(new RegExp(`${CODE.source}|(?<![\\w/(\\[])(${names})`, "gm"), (found, page) => {
    return page === undefined ? found : `[${page}](${relative(dirname(route), pages.get(page) ?? "")})`;
  });
}

/** @param {string} link @param {string} page @param {Site} site */
function leadTo(link, page, { pages, repository }) {
  const own = pathOf(link, repository);
  if (own === undefined && /^([a-z]+:|#)/.test(link)) return link;
  const [path = "", anchor] = (own ?? link).split("#");
  const target = own === undefined ? targetOf(path, page) : targetOf(path, "");
  const hash = anchor === undefined ? "" : `#${anchor}`;
  const route = pages.get(target);
  if (route !== undefined) return relative(dirname(pages.get(page) ?? ""), route) + hash;
  return `${repository}/${statSync(target).isDirectory() ? "tree" : "blob"}/main/${target}${hash}`;
}

/**
 * The path of a file that a link names by its address in the repository, as pages of the package do where the package does not have the file.
 *
 * @param {string} link
 * @param {string} repository
 * @returns {string | undefined} nothing for any other link
 */
export function pathOf(link, repository) {
  const [, path] = link.split(new RegExp(`^${repository.replaceAll(".", "\\.")}/(?:blob|tree)/main/`));
  return path;
}

/** @param {string} link @param {string} page @param {Site} site */
function showPicture(link, page, { asset }) {
  return /^[a-z]+:/.test(link) ? link : asset(targetOf(link, page));
}

/** @param {string} path @param {string} page */
function targetOf(path, page) {
  const target = join(dirname(page), path).replace(/\/$/, "");
  if (!existsSync(target)) throw new Error(`${page} has a link to ${path}, which does not exist.`);
  return target;
}
