import { readFileSync } from "node:fs";

/*
 * The reference of the API: TypeDoc writes a page for each name that an entry of the package exports.
 */

/** The folder of the root entry. TypeDoc calls it `index`, which VitePress takes for the page of the folder above. */
export const ROOT_ENTRY = "chat";

/**
 * @typedef {{ title: string, path?: string, children?: Item[] | undefined }} Item an item of the navigation that TypeDoc writes
 * @typedef {{ text: string, link?: string, collapsed?: boolean, items?: Link[] }} Link an item of the side bar
 */

/**
 * The options of TypeDoc.
 *
 * @param {Record<string, unknown>} exports those of package.json
 * @param {string} repository
 * @param {string} root the folder of the repository
 * @param {string} folder where the pages go
 */
export function apiOptions(exports, repository, root, folder) {
  return {
    plugin: ["typedoc-plugin-markdown"],
    tsconfig: `${root}/site/api.tsconfig.json`,
    entryPoints: entriesOf(exports).map(({ source }) => `${root}/${source}`),
    out: folder,
    navigationJson: `${folder}/navigation.json`,
    // The project's own TypeScript has checked the types, each folder's with the runtime that it is for.
    skipErrorChecking: true,
    router: "member",
    entryFileName: "index",
    readme: "none",
    excludeExternals: true,
    hideGenerator: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    indexFormat: "table",
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    classPropertiesFormat: "table",
    typeAliasPropertiesFormat: "table",
    propertyMembersFormat: "table",
    typeDeclarationFormat: "table",
    tableColumnSettings: { hideSources: true, hideInherited: true, hideOverrides: true },
    disableGit: true,
    sourceLinkTemplate: `${repository}/blob/main/src/{path}#L{line}`,
    basePath: `${root}/src`,
    // Types that only derive others are named in signatures, and have no page.
    validation: { notExported: false },
    treatWarningsAsErrors: true,
  };
}

/**
 * The entries of the package that have types: the name to import, the source, the module as TypeDoc calls it, and the folder of its pages.
 *
 * @param {Record<string, unknown>} exports
 */
export function entriesOf(exports) {
  return Object.entries(exports).flatMap(([path, target]) => {
    const types = typeof target === "object" && target !== null && "types" in target ? String(target.types) : undefined;
    if (types === undefined) return [];
    const source = types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts");
    const module = source.replace(/^src\//, "").replace(/(?:\/index)?\.ts$/, "");
    return [
      { name: `@workkit/chat${path.slice(1)}`, source, module, folder: module === "index" ? ROOT_ENTRY : module },
    ];
  });
}

/**
 * The side bar of the API, in the order of the entries of the package.
 *
 * @param {Record<string, unknown>} exports
 * @param {string} folder
 * @returns {Link[]}
 */
export function apiItems(exports, folder) {
  /** @type {Item[]} */
  const modules = JSON.parse(readFileSync(`${folder}/navigation.json`, "utf8"));
  const entries = entriesOf(exports).map(({ name, module }) => ({ name, page: `${module}/index.md` }));
  const pages = new Set(entries.map(({ page }) => page));
  const items = modules.flatMap(withChildren);
  return entries.map(({ name, page }) => {
    const found = items.find(({ path }) => path === page);
    if (found === undefined) throw new Error(`TypeDoc wrote no pages for the entry ${name}.`);
    // An entry below another one, such as "ai/react", is an item of its own.
    const children = found.children?.filter(({ path }) => path === undefined || !pages.has(path));
    return { ...linkOf({ ...found, children }), text: name, collapsed: true };
  });
}

/** @param {Item} item @returns {Item[]} */
function withChildren(item) {
  return [item, ...(item.children ?? []).flatMap(withChildren)];
}

/** @param {Item} item @returns {Link} */
function linkOf({ title, path, children }) {
  const link =
    path === undefined
      ? {}
      : { link: `/api/${path.replace(/^index\//, `${ROOT_ENTRY}/`).replace(/(index)?\.md$/, "")}` };
  return { text: title, ...link, ...(children === undefined ? {} : { items: children.map(linkOf) }) };
}
