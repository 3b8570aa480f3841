import { defineConfig } from "vitest/config";

/** The tests that mutants are tried with: those that take no time. A million mutated frames for each would take days. */
export default defineConfig({
  test: {
    include: ["test/{protocol,policies}/**/*.test.ts", "test/client/delays.test.ts"],
    exclude: ["test/protocol/mutation.test.ts"],
  },
});
