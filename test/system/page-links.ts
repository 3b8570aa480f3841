import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { anchorOf } from "../../site/anchors.mjs";
import { pathOf } from "../../site/links.mjs";

/** Where the repository is, which pages of the package link to for what the package does not have. */
const REPOSITORY = "https://github.com/workkit/chat";
const CODE = /^ *```[\s\S]*?^ *```$|`[^`\n]+`/gm;

/** The links of a page that lead to files, by their paths or by their addresses in the repository. */
export function linksOf(text: string): string[] {
  const link =
    /\]\(([^)\s]+)(?: "[^"]*")?\)|^\[[^\]]+\]: (\S+)|<(?:img|source|a)\b[^>]*?(?:src|srcset|href)="([^"]+)"/gm;
  const links = [...text.replaceAll(CODE, "").matchAll(link)].map(
    ([, inline, reference, tag]) => inline ?? reference ?? tag ?? "",
  );
  return links.filter((target) => !/^[a-z]+:/.test(target) || pathOf(target, REPOSITORY) !== undefined);
}

/** Whether a link has the address of a file in the repository, in place of a path. */
export function isAddress(link: string): boolean {
  return pathOf(link, REPOSITORY) !== undefined;
}

/** The path of the file that a link of a page leads to. */
export function targetOf(page: string, link: string): string {
  const own = pathOf(link, REPOSITORY);
  const [path = ""] = (own ?? link).split("#");
  return path === "" ? page : join(own === undefined ? dirname(page) : "", path);
}

/** Whether a link leads to a file of the repository, and to a heading of it if it names one. */
export function leadsSomewhere(page: string, link: string): boolean {
  const target = targetOf(page, link);
  const [, anchor] = link.split("#");
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsIn(readFileSync(target, "utf8")).includes(anchor);
}

export function anchorsIn(text: string): string[] {
  const blocks = /^ *```[\s\S]*?^ *```$/gm;
  const headings = [...text.replaceAll(blocks, "").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    anchorOf(heading),
  );
  return headings.map((anchor, at) => {
    const before = headings.slice(0, at).filter((other) => other === anchor).length;
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}
