import { build } from "esbuild";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { Consumer } from "./consumer.js";

let consumer: Consumer;

beforeAll(async () => {
  consumer = await Consumer.installed(inject("tarball"));
});

afterAll(() => consumer[Symbol.asyncDispose]());

it("the package has the same names outside workerd as in it, ChatSessionDO among them", async () => {
  const inWorkerd = await namesFor("workerd");
  expect(inWorkerd).toEqual(expect.arrayContaining(["ChatSessionDO", "createChatTransport", "forwardIdentity"]));
  expect(await namesFor("node")).toEqual(inWorkerd);
});

/** The names that the root entry exports in a runtime, chosen by its export condition. */
async function namesFor(condition: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: consumer.folder,
    entryPoints: ["@workkit/chat"],
    bundle: true,
    write: false,
    metafile: true,
    outdir: "out",
    format: "esm",
    conditions: [condition],
    external: ["cloudflare:*"],
  });
  const [output] = Object.values(metafile.outputs);
  if (output === undefined) throw new Error("esbuild wrote nothing.");
  return output.exports.sort();
}
