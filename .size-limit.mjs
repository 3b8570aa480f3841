import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

/*
 * Bytes of what users bundle, minified and compressed with gzip, each with its budget. "npm run bytes" holds them. A commit
 * that raises one says why in docs/decisions/0012-bytes.md.
 */

/** What all adapters share: the reading of a source and the writing of chunks. */
const SHARED_BY_ADAPTERS = ["*/read-reply.js", "*/model-error.js"];
const ADAPTERS = [
  "fromAgentLoop",
  "fromAnthropic",
  "fromOpenAIChat",
  "fromOpenAIResponses",
  "fromUIMessageStream",
  "fromWorkersAI",
];

/** Bytes that one part of a page may cost. */
const PART_LIMIT = 1_536;

/** What each part of a page exports. */
const PARTS = {
  composer: ["attachComposer", "openDraft", "isInputMethodKey", "toMessageText"],
  list: ["listMessages", "speakerOf", "dayLabel", "clockOf", "fullTimeOf", "onNewDay"],
  place: ["keepPlace", "fitViewport"],
  unread: ["countUnread", "signalUnread"],
  text: ["parseText", "excerptOf", "clipMarks"],
  calls: ["listToolCalls"],
  names: ["cleanName", "isLabel", "personName", "initialsOf", "hueOf"],
  voice: ["speak"],
  focus: ["keepFocus"],
  transcript: ["prepareWhole", "copyAsTranscript", "transcriptOf"],
  signals: ["isOnline", "onNetwork", "prepareSignOut", "forgetKept"],
};

/**
 * The hooks over each part, and what they share with all other hooks: that is in the budget of the hooks over the client.
 *
 * @type {Record<string, { names: string[], shared: string[] }>}
 */
const PART_HOOKS = {
  composer: { names: ["useComposer"], shared: ["*/provider.js"] },
  list: { names: ["useList", "useDayLabel"], shared: ["*/snapshot.js"] },
  place: { names: ["usePlace", "useViewportFit"], shared: [] },
  unread: { names: ["useUnread", "useUnreadSignal"], shared: ["*/provider.js"] },
  text: { names: ["useText", "useLongText"], shared: [] },
  calls: { names: ["useToolCalls"], shared: ["*/provider.js"] },
  voice: { names: ["useVoice"], shared: ["*/provider.js"] },
  focus: { names: ["useFocusKeeper"], shared: [] },
  transcript: { names: ["useWhole", "useTranscript"], shared: ["*/provider.js"] },
  signals: { names: ["useOnline", "useSignOut"], shared: [] },
};

/**
 * What is measured: a module's text, as a user might write it.
 *
 * @type {{ name: string, limit: number, module: string, without?: string[] }[]}
 */
const BUDGETS = [
  { name: "@workkit/chat", limit: 40_352, module: 'export * from "@workkit/chat"' },
  { name: "@workkit/chat/protocol", limit: 2_112, module: 'export * from "@workkit/chat/protocol"' },
  { name: "@workkit/chat/client", limit: 11_232, module: 'export * from "@workkit/chat/client"' },
  { name: "@workkit/chat/tokens", limit: 1_152, module: 'export * from "@workkit/chat/tokens"' },
  {
    name: "@workkit/chat/react, without React, the client and the parts of a page",
    limit: 1_500,
    module: importOf("react", [
      "ChatProvider",
      "useChatClient",
      "useConnection",
      "useFrames",
      "useMessages",
      "useSend",
      "useTyping",
    ]),
    without: ["react", "*/client/index.js"],
  },
  { name: "@workkit/chat/ai", limit: 10_688, module: 'export * from "@workkit/chat/ai"' },
  { name: "@workkit/chat/ai, aiSdk", limit: 5_536, module: 'export { aiSdk } from "@workkit/chat/ai"' },
  {
    name: "@workkit/chat/ai/react, without React, the client and the hooks",
    limit: 6_240,
    module: 'export * from "@workkit/chat/ai/react"',
    without: ["react", "*/react/index.js"],
  },
  {
    name: "@workkit/chat/ai, toModelMessages",
    limit: 3_072,
    module: 'export { toModelMessages } from "@workkit/chat/ai"',
  },
  {
    name: "@workkit/chat/ai, the largest adapter alone",
    limit: 3_328,
    module: 'export { fromAnthropic } from "@workkit/chat/ai"',
  },
  ...ADAPTERS.map((adapter) => ({
    name: `@workkit/chat/ai, ${adapter} without what all adapters share`,
    limit: 1_500,
    module: `export { ${adapter} } from "@workkit/chat/ai"`,
    without: SHARED_BY_ADAPTERS,
  })),
  ...Object.entries(PARTS).map(([part, names]) => ({
    name: `@workkit/chat/page, ${part}`,
    limit: PART_LIMIT,
    module: importOf("page", names),
  })),
  ...Object.entries(PART_HOOKS).map(([part, { names, shared }]) => ({
    name: `@workkit/chat/react, ${part} with the functions under it, without React and what all hooks share`,
    limit: PART_LIMIT,
    module: importOf("react", names),
    without: ["react", ...shared],
  })),
];

/**
 * @param {string} entry
 * @param {string[]} names
 */
function importOf(entry, names) {
  return `export { ${names.join(", ")} } from "@workkit/chat/${entry}"`;
}

const folder = mkdtempSync(join(tmpdir(), "workkit-chat-bytes-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/**
 * Bundles as "wrangler deploy" does: one module, with what the runtime brings left out.
 *
 * @param {string} module
 * @param {string} outfile
 * @param {string[]} without
 */
async function bundle(module, outfile, without) {
  const { metafile } = await build({
    stdin: { contents: module, resolveDir: import.meta.dirname },
    outfile,
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "workerd:*", ...without],
    logLevel: "error",
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  for (const name of without) {
    // What is left out under a name that nothing has would be measured all the same.
    if (!imports.some((path) => path.endsWith(name.replace("*", ""))))
      throw new Error(`${name} is to be left out of ${module}, which does not import it.`);
  }
}

export default await Promise.all(
  BUDGETS.map(async ({ name, limit, module, without = [] }, at) => {
    const path = join(folder, `${at}.js`);
    await bundle(module, path, without);
    return { name, path, limit: `${limit} B`, gzip: true };
  }),
);
