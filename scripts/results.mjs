/** Where a test run leaves its results, for the line that it ends with. */
export const RESULTS = "node_modules/.cache/test-results.json";
