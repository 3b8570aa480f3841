import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { type CodeBlock, codeBlocks } from "./code-blocks.js";
import { ROOT } from "./command.js";
import { Consumer } from "./consumer.js";

const blocks = codeBlocks().filter(({ language }) => language === "tsx");

let consumer: Consumer;
/** What the compiler says of each component. */
let errors: Map<string, string[]>;

beforeAll(async () => {
  consumer = await Consumer.installed(inject("tarball"));
  await mkdir(consumer.path("node_modules/@types"));
  for (const name of ["ai", "@ai-sdk", "react", "react-dom", "@types/react", "@types/react-dom"]) {
    await symlink(join(ROOT, "node_modules", name), consumer.path(`node_modules/${name}`));
  }
  for (const block of blocks) await consumer.write(fileOf(block), block.text);
  // The AI SDK's types need those of Node, which a page has not.
  const usesAiSdk = ({ text }: CodeBlock) => text.includes('"ai"') || text.includes("@ai-sdk");
  const options = { jsx: "react-jsx", lib: ["es2024", "dom", "dom.iterable"], types: [] };
  const plain = blocks.filter((block) => !usesAiSdk(block)).map(fileOf);
  const found = [
    await consumer.diagnose(plain, { ...options, skipLibCheck: false }),
    await consumer.diagnose(blocks.filter(usesAiSdk).map(fileOf), { ...options, skipLibCheck: true }),
  ];
  errors = new Map(found.flatMap((each) => [...each]));
});

afterAll(() => consumer[Symbol.asyncDispose]());

it("the documentation has components", () => {
  expect(blocks.length).toBeGreaterThan(3);
});

describe.each(blocks)("the component at $place", (block) => {
  it("compiles against the packed package", () => {
    expect(errors.get(fileOf(block)) ?? []).toEqual([]);
  });

  it("renders", async () => {
    const file = fileOf(block);
    const entry = await consumer.write(
      `render-${file}`,
      `import { renderToString } from "react-dom/server";
      import { ChatProvider } from "@workkit/chat/react";
      import * as block from "./${file}";
      for (const Component of Object.values(block)) {
        console.log(renderToString(<ChatProvider options={{ url: "wss://chat.example.com" }}><Component /></ChatProvider>));
      }`,
    );
    const bundle = await bundleWorker(entry, { platform: "node", format: "cjs", jsx: "automatic", conditions: [] });
    await consumer.write(`${file}.cjs`, bundle);
    await consumer.run("node", [`${file}.cjs`]);
  });
});

function fileOf({ place }: CodeBlock): string {
  return `${place.replaceAll(/\W+/g, "-")}.tsx`;
}
