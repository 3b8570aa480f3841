import { availableParallelism } from "node:os";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { RESULTS } from "./scripts/results.mjs";

const MINUTE = 60_000;

/** How many files run at once: one more than there are processors, for much of their time is waiting. */
const WORKERS = Math.max(2, availableParallelism()) + 1;

const ALONE = ["siege", "slow-links", "slow-reader"].map((name) => `test/system/${name}.test.ts`);
const BROWSERS = "e2e/browsers/install.ts";

/** Files that take longest. They begin first, or one of them runs alone in the end. */
const LONGEST = [
  ...[
    "conformance/precedence",
    "session/unreadable",
    "session/slow-readers",
    "client/application",
    "protocol/mutation",
  ],
  ...["system/site", "system/torture", "system/torture-calls", "system/kill", "system/snippets", "system/runtimes"],
  ...["pages/demo", "pages/channel", "pages/support", "e2e/support", "e2e/recovery", "e2e/tutorial"],
].map((name) => `/${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const byProject = Map.groupBy(sorted, ({ project }) => project);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONGEST.some((path) => moduleId.endsWith(path));
    return [...byProject.values()].flatMap((own) => [...own.filter(isLong), ...own.filter((file) => !isLong(file))]);
  }
}

// Groups run one after the other: docs/decisions/0023-tests-side-by-side.md says why a file is in which.
export default defineConfig({
  test: {
    allowOnly: false,
    reporters: ["default", ["json", { outputFile: RESULTS }]],
    // Tests provoke errors that the package logs: only those of a failed test tell anything.
    silent: "passed-only",
    sequence: { sequencer: LongestFirst },
    coverage: {
      provider: "v8",
      include: ["src/protocol/**"],
      reporter: ["text"],
      thresholds: { branches: 100 },
    },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{examples,protocol,policies}/**/*.test.ts", "test/client/*.test.ts"],
          isolate: false,
          maxWorkers: WORKERS,
          testTimeout: MINUTE,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./test/fixtures/wrangler.jsonc" } })],
        test: {
          name: "workerd",
          include: ["test/{ai,conformance,session,transport,client/session}/**/*.test.ts"],
          isolate: false,
          maxWorkers: WORKERS,
          testTimeout: MINUTE,
        },
      },
      // These start servers and package managers.
      {
        test: {
          name: "system",
          globalSetup: [BROWSERS, "test/system/pack.ts"],
          include: ["test/system/**/*.test.ts"],
          exclude: ALONE,
          maxWorkers: WORKERS,
          testTimeout: 5 * MINUTE,
          hookTimeout: 5 * MINUTE,
        },
      },
      // These measure what a client notices of others, or of a slow link: a busy machine is a slow link, too.
      {
        test: {
          name: "alone",
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 5 * MINUTE,
          hookTimeout: 5 * MINUTE,
        },
      },
      // These start browsers.
      {
        test: {
          name: "e2e",
          globalSetup: [BROWSERS, "e2e/recipes/install.ts"],
          include: ["e2e/**/*.test.ts", "test/{page,react}/*.test.ts"],
          // Files of a worker share the browsers that it started.
          isolate: false,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 2 },
          testTimeout: 5 * MINUTE,
          hookTimeout: 5 * MINUTE,
        },
      },
    ],
  },
});
