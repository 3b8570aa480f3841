/*
 * Mutation tests: what is changed in the code has to fail a test. They cover what is pure, the protocol and policies, because a
 * mutant is tried in milliseconds there. Run by "npm run test:mutation", which takes minutes, and by CI each week.
 *
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "vitest.mutation.config.ts" },
  mutate: [
    "src/protocol/**/*.ts",
    "src/client/connection/delays.ts",
    "src/server/access/rate-limit.ts",
    "src/session/log/{markers,ring}.ts",
  ],
  // It would rewrite the paths of tsconfig.json with an API that TypeScript 7 does not have; vitest needs no tsconfig.json.
  tsconfigFile: "none",
  coverageAnalysis: "perTest",
  reporters: ["clear-text", "progress"],
  clearTextReporter: { logTests: false, allowEmojis: false },
  tempDirName: ".stryker-tmp",
  thresholds: { high: 95, low: 90, break: 80 },
};
