import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { RESULTS } from "./scripts/results.mjs";

const MINUTE = 60_000;

export default defineConfig({
  test: {
    allowOnly: false,
    reporters: ["default", ["json", { outputFile: RESULTS }]],
    // Tests provoke errors that the package logs: only those of a failed test tell anything.
    silent: "passed-only",
    coverage: {
      provider: "v8",
      include: ["src/protocol/**"],
      reporter: ["text"],
      thresholds: { branches: 100 },
    },
    projects: [
      { test: { name: "unit", include: ["test/protocol/**/*.test.ts", "test/client/*.test.ts"] } },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./test/fixtures/wrangler.jsonc" } })],
        test: {
          name: "workerd",
          include: ["test/{ai,conformance,session,transport,client/session}/**/*.test.ts"],
          testTimeout: MINUTE,
        },
      },
      // These start servers, browsers and package managers: one file at a time, after the quick ones.
      {
        test: {
          name: "system",
          globalSetup: ["test/system/pack.ts"],
          include: ["test/system/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 5 * MINUTE,
          hookTimeout: 5 * MINUTE,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts", "test/react/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 2 * MINUTE,
          hookTimeout: 2 * MINUTE,
        },
      },
    ],
  },
});
