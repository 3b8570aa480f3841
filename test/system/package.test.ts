import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { command } from "./command.js";
import { Consumer } from "./consumer.js";

/** Bytes of all that an entry exports, bundled, minified and compressed. A commit that raises one says why: docs/decisions/0012-bytes.md. */
const BUDGETS = {
  "@workkit/chat": 25_344,
  "@workkit/chat/protocol": 2_048,
  "@workkit/chat/client": 9_728,
  "@workkit/chat/tokens": 1_152,
};

/** The same for the hooks, without React and the client. */
const REACT_BUDGET = 1_500;

const tarball = inject("tarball");
let consumer: Consumer;

beforeAll(async () => {
  consumer = await Consumer.installed(tarball);
});

afterAll(() => consumer[Symbol.asyncDispose]());

it("the package holds what users need and nothing else", async () => {
  const names = (await command("tar", ["-tzf", tarball])).trim().split("\n").sort();
  const allowed =
    /^package\/(dist\/.+\.(js|d\.ts)|docs\/.+\.md|package\.json|LICENSE|(README|PROTOCOL|CHANGELOG|SECURITY)\.md)$/;
  expect(names.filter((name) => !allowed.test(name))).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(["package/LICENSE", "package/README.md", "package/PROTOCOL.md"]));
});

it("the package passes publint", async () => {
  await command("publint", ["run", tarball, "--strict"]);
});

it("the package passes are-the-types-wrong as one that is ESM only", async () => {
  await command("attw", [tarball, "--profile", "esm-only", "--no-emoji"]);
});

it.each(Object.entries(BUDGETS))("keeps %s within its budget of %i bytes", async (name, budget) => {
  const entry = await consumer.write("all.ts", `export * from "${name}";\n`);
  const bytes = gzipSync(await bundleWorker(entry, { minify: true }), { level: 9 }).byteLength;
  process.stdout.write(`${name}: ${bytes} of ${budget} bytes\n`);
  expect(bytes).toBeLessThanOrEqual(budget);
});

it(`keeps @workkit/chat/react, without React and the client, within its budget of ${REACT_BUDGET} bytes`, async () => {
  const entry = await consumer.write("react.ts", 'export * from "@workkit/chat/react";\n');
  const external = ["react", "*/client/index.js"];
  const bundle = await bundleWorker(entry, { minify: true, external });
  const bytes = gzipSync(bundle, { level: 9 }).byteLength;
  process.stdout.write(`@workkit/chat/react: ${bytes} of ${REACT_BUDGET} bytes\n`);
  expect(bytes).toBeLessThanOrEqual(REACT_BUDGET);
  expect(bundle.match(/from"[^"]+"/g)).toEqual(expect.arrayContaining([expect.stringContaining("/client/index.js")]));
});

it("the package bundles for a browser, which gets the entry that needs no workerd", async () => {
  const entry = await consumer.write("page.ts", `export * from "@workkit/chat";\n`);
  const bundle = await bundleWorker(entry, { conditions: ["browser"], platform: "browser", external: [] });
  expect(bundle).not.toContain("cloudflare:");
});
