import { mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { ROOT } from "./command.js";
import { Consumer } from "./consumer.js";

/** What its README says to install, and what its types need. */
const PACKAGES = ["react", "react-dom", "@types/react", "@types/react-dom"];

let consumer: Consumer;

beforeAll(async () => {
  consumer = await Consumer.installed(inject("tarball"));
  await consumer.copy("examples/channel", "channel");
  // One that an earlier build has left would prove nothing.
  await rm(consumer.path("channel/public/page.js"), { force: true });
  for (const name of PACKAGES) {
    const link = consumer.path(`node_modules/${name}`);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), link);
  }
});

afterAll(() => consumer[Symbol.asyncDispose]());

it.each(["channel", "channel/page"])("the example %s compiles from the packed package", async (project) => {
  await consumer.run("tsc", ["--project", project]);
});

it("the example channel bundles for deployment, with its page", async () => {
  const written = await consumer.run("wrangler", ["deploy", "--dry-run", "--outdir", "out"], "channel");
  expect(written).toContain("--dry-run: exiting now");
  expect(await consumer.run("ls", ["public"], "channel")).toContain("page.js");
});
