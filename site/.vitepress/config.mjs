import { readFileSync } from "node:fs";
import { anchorOf } from "../anchors.mjs";

const { repository, sections } = JSON.parse(
  readFileSync(new URL("../.pages/navigation.json", import.meta.url), "utf8"),
);

export default {
  title: "@workkit/chat",
  description: "WebSocket chat for Cloudflare Workers: a durable log, exact reconnects, one order for everyone.",
  // No icon of its own: without this line each page would ask for one that is not there.
  head: [["link", { rel: "icon", href: "data:," }]],
  srcDir: ".pages",
  cleanUrls: true,
  ignoreDeadLinks: "localhostLinks",
  vite: { esbuild: { tsconfigRaw: {} } },
  markdown: { anchor: { slugify: anchorOf }, theme: { light: "github-light", dark: "github-dark" } },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    sidebar: sections,
    nav: [
      { text: "Guides", link: "/guides/handlers", activeMatch: "^/guides/" },
      { text: "Reference", link: "/reference/options", activeMatch: "^/reference/" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
      { text: "Repository", link: repository },
    ],
  },
};
