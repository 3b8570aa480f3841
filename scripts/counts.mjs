// The last line of a test run: how many tests it counted.
import { readFile } from "node:fs/promises";
import { RESULTS } from "./results.mjs";

const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(await readFile(RESULTS, "utf8"));
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
console.log(`\n${numPassedTests} passed, ${numFailedTests} failed${skipped}`);
