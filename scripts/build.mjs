import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";

// A file that was renamed in src must not live on in the package.
rmSync("dist", { recursive: true, force: true });
// Workers and pages have other globals, so what is for pages is compiled with theirs.
for (const project of ["tsconfig.json", "tsconfig.browser.json"]) {
  execFileSync("tsc", ["--project", project], { stdio: "inherit" });
}
