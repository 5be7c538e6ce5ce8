#!/usr/bin/env node
import { existsSync } from "node:fs";

// In a clone of the repository that has not been built there is nothing to run yet.
if (existsSync(new URL("../dist/main.js", import.meta.url))) {
  const { processIo } = await import("../dist/terminal/io.js");
  const { main } = await import("../dist/main.js");
  process.exitCode = await main(process.argv.slice(2), processIo());
} else {
  console.error("episcope: the packages are not built yet.\n  Run 'npm run build' (or 'npm start') first.");
  process.exitCode = 1;
}
