import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleWorker } from "../../test/workerd/bundle.js";
import { Workerd } from "../../test/workerd/server.js";
import { CHROMIUM } from "../browsers/chromium.js";
import { setBrowser } from "../browsers/engines.js";
import { Project } from "./project.js";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const VITE_PAGE =
  '<!doctype html><html lang="en"><title>Chat</title><div id="app"></div><script type="module" src="/src/main.ts"></script></html>';

/** What the generator of a framework writes, beside the files of its guide; and where the built page is. */
interface Recipe {
  guide: string;
  files: Record<string, string>;
  program: string;
  args: string[];
  built: string;
}

const RECIPES: Recipe[] = [
  {
    guide: "vue",
    files: {
      "index.html": VITE_PAGE,
      "vite.config.ts": 'import vue from "@vitejs/plugin-vue";\nexport default { plugins: [vue()] };\n',
    },
    program: "vite",
    args: ["build"],
    built: "dist",
  },
  {
    guide: "svelte",
    files: {
      "src/app.html":
        '<!doctype html><html lang="en"><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body></html>',
      "src/routes/+layout.ts": "export const prerender = true;\n",
      "vite.config.ts":
        'import adapter from "@sveltejs/adapter-static";\nimport { sveltekit } from "@sveltejs/kit/vite";\nexport default { plugins: [sveltekit({ adapter: adapter() })] };\n',
      "package.json": '{ "type": "module" }',
    },
    program: "vite",
    args: ["build"],
    built: "build",
  },
  {
    guide: "next",
    files: {
      "next.config.mjs":
        'export default { output: "export", turbopack: { root: new URL("../..", import.meta.url).pathname } };\n',
      "package.json": '{ "type": "module" }',
    },
    program: "next",
    args: ["build"],
    built: "out",
  },
];

/** Guides whose files other tests build. */
const OTHERS = ["assistant-ui", "hono", "hot-reload", "testing"];

it("every guide that prints files is built", () => {
  const printing = globSync("docs/guides/**/*.md").filter((page) => / recipe$/m.test(readFileSync(page, "utf8")));
  const built = [...RECIPES.map(({ guide }) => guide), ...OTHERS].map((guide) => `docs/guides/${guide}.md`);
  expect(printing.sort()).toEqual(built.sort());
});

let chat: Workerd;

beforeAll(async () => {
  const module = await bundleWorker("test/workerd/worker-silent.ts");
  chat = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "SilentSession" }] });
});

afterAll(() => chat[Symbol.asyncDispose]());

describe.each(RECIPES)("the page of the guide $guide", ({ guide, files, program, args, built }) => {
  const stage = setBrowser(CHROMIUM);
  let project: Project;
  let pages: Server;
  let address: string;

  beforeAll(async () => {
    project = await Project.of(guide);
    for (const [file, text] of Object.entries(files)) await project.write(file, text);
    const url = `ws://127.0.0.1:${chat.url.port}`;
    await project.run(program, args, { VITE_CHAT_URL: url, NEXT_PUBLIC_CHAT_URL: url });
    pages = createServer(async ({ url: path = "/" }, response) => {
      const file = path === "/" ? "index.html" : path;
      const text = await readFile(join(project.path(built), file)).catch(() => undefined);
      response.writeHead(text === undefined ? 404 : 200, { "content-type": TYPES[extname(file)] ?? "text/plain" });
      response.end(text);
    });
    await once(pages.listen(0, "127.0.0.1"), "listening");
    const at = pages.address();
    address = `http://127.0.0.1:${typeof at === "object" ? at?.port : ""}/`;
    await fetch(new URL("/chat/room-1", chat.url), { method: "DELETE" });
  });

  afterAll(async () => {
    pages?.closeAllConnections();
    pages?.close();
    await project?.[Symbol.asyncDispose]();
  });

  it("sends what is typed, and shows what others say", async () => {
    const [one, other] = [await stage.browser.newTab(), await stage.browser.newTab()];
    for (const tab of [one, other]) {
      await tab.goto(address);
      await tab.hasTexts("[role=status]", ["live"]);
    }
    for (const [tab, text] of [
      [one, "from one"],
      [other, "from the other"],
    ] as const) {
      await tab.fill({ role: "textbox", name: "Message" }, text);
      await tab.click({ role: "button", name: "Send" });
      await tab.hasTexts("[data-state=sent]", text === "from one" ? ["from one"] : ["from one", "from the other"]);
    }
    await one.hasTexts("[data-state=sent]", ["from one", "from the other"]);
    expect(await one.evaluate(() => document.querySelector("input")?.value)).toBe("");
  });

  it("was rendered without a connection where the framework renders pages", async () => {
    const html = await readFile(join(project.path(built), "index.html"), "utf8");
    if (guide !== "vue") expect(html.replaceAll(/<!--.*?-->/g, "")).toContain('<p role="status">idle</p>');
  });

  it("has types without an error", async () => {
    // Next checks them as it builds.
    if (guide !== "next") await project.checkTypes([], ["es2024", "dom", "dom.iterable"]);
  });
});
