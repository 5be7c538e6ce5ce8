// Runs a TypeScript file against the packages' sources, after `npm ci` alone: bundled by rolldown, then imported.
//   node tools/run-ts.mjs FILE.ts [arguments…]
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [file, ...rest] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node tools/run-ts.mjs FILE.ts [arguments…]");
  process.exit(2);
}
const output = join(root, "node_modules", ".cache", "episcope", `${process.pid}`);
mkdirSync(output, { recursive: true });
const bundle = await rolldown({
  input: resolve(file),
  platform: "node",
  resolve: { conditionNames: ["@episcope/source", "node", "import"] },
  // Its native part cannot be bundled.
  external: [/^@resvg\//],
  logLevel: "warn",
});
const target = join(output, "entry.mjs");
await bundle.write({ file: target, format: "esm", sourcemap: "inline", codeSplitting: false });
await bundle.close();
process.argv = [process.argv[0], resolve(file), ...rest];
process.on("exit", () => rmSync(output, { recursive: true, force: true }));
await import(pathToFileURL(target).href);
