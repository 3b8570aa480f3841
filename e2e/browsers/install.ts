import { findChromium, findFirefox, findWebKit } from "../../scripts/browsers.mjs";

/** Installs the browsers that are missing, one after the other, before test files that run side by side ask for them at once. */
export default function setup(): void {
  for (const find of [findChromium, findFirefox, findWebKit]) {
    try {
      find();
    } catch {
      // The tests that need this one say what is missing; others do not.
    }
  }
}
