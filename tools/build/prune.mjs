// Deletes from the dist folder of the package in the working directory what no source file makes any more. The compiler leaves
// the output of files that were moved or deleted, and a program that still imports it works here and nowhere else.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const OUTPUT = /(?:\.d\.ts|\.js)(?:\.map)?$/;

if (existsSync("dist")) {
  for (const file of readdirSync("dist", { recursive: true }).map(String)) {
    if (!OUTPUT.test(file)) continue;
    const isCurrent = existsSync(join("src", file.replace(OUTPUT, ".ts"))) && !file.endsWith(".map");
    if (!isCurrent) rmSync(join("dist", file));
  }
}
