// Runs a TypeScript file against the packages' sources, after `npm ci` alone: bundled by rolldown, then imported.
//   node tools/run-ts.mjs [--built] FILE.ts [arguments…]
// With --built, against what the build made of the packages: for what starts threads or measures what users run.
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const words = process.argv.slice(2);
const built = words[0] === "--built";
const [file, ...rest] = built ? words.slice(1) : words;
if (file === undefined) {
  console.error("usage: node tools/run-ts.mjs [--built] FILE.ts [arguments…]");
  process.exit(2);
}
const output = join(root, "node_modules", ".cache", "episcope", `${process.pid}`);
mkdirSync(output, { recursive: true });
const bundle = await rolldown({
  input: resolve(file),
  platform: "node",
  resolve: { conditionNames: ["@episcope/source", "node", "import"] },
  // Its native part cannot be bundled; what tests share has no build.
  external: built ? [/^@resvg\//, /^@episcope\/(?!testing\/)/] : [/^@resvg\//],
  transform: { target: "es2023" },
  logLevel: "warn",
});
const target = join(output, "entry.mjs");
await bundle.write({ file: target, format: "esm", sourcemap: "inline", codeSplitting: false });
await bundle.close();
process.argv = [process.argv[0], resolve(file), ...rest];
process.on("exit", () => rmSync(output, { recursive: true, force: true }));
await import(pathToFileURL(target).href);
