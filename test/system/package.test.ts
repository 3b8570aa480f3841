import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { command } from "./command.js";
import { Consumer } from "./consumer.js";

const tarball = inject("tarball");
let consumer: Consumer;

beforeAll(async () => {
  consumer = await Consumer.installed(tarball);
});

afterAll(() => consumer[Symbol.asyncDispose]());

it("the package holds what users need and nothing else", async () => {
  const names = (await command("tar", ["-tzf", tarball])).trim().split("\n").sort();
  const allowed =
    /^package\/(bin\/init\.mjs|template\/.+|dist\/.+\.(js|d\.ts)|docs\/.+\.(md|png)|package\.json|LICENSE|(README|PROTOCOL|CHANGELOG|SECURITY)\.md)$/;
  expect(names.filter((name) => !allowed.test(name))).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(["package/LICENSE", "package/README.md", "package/PROTOCOL.md"]));
});

it("the package passes publint", async () => {
  await command("publint", ["run", tarball, "--strict"]);
});

it("the package passes are-the-types-wrong as one that is ESM only", async () => {
  await command("attw", [tarball, "--profile", "esm-only", "--no-emoji"]);
});

it("the package bundles for a browser, which gets the entry that needs no workerd", async () => {
  const entry = await consumer.write("page.ts", `export * from "@workkit/chat";\n`);
  const bundle = await bundleWorker(entry, { conditions: ["browser"], platform: "browser", external: [] });
  expect(bundle).not.toContain("cloudflare:");
});
