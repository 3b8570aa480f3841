import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";

// A file that was renamed in src must not live on in the package.
rmSync("dist", { recursive: true, force: true });
execFileSync("tsc", ["--project", "tsconfig.json"], { stdio: "inherit" });
