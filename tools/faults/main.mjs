// npm run faults [-- --short] [-- ROW…]: runs the fault matrix against the built packages and prints a figure per row.
// Exits 1 when a figure is past its limit. --no-build takes the build that is there.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const args = process.argv.slice(2);

if (!args.includes("--no-build")) {
  const build = spawnSync("npx", ["nx", "run-many", "-t", "build", "--output-style=static"], {
    cwd: root,
    encoding: "utf8",
  });
  if (build.status !== 0) {
    process.stderr.write(`${build.stdout}${build.stderr}`);
    process.exit(1);
  }
}

// The packages stay outside: rows and their child processes load what a user would load. What tests share is no package
// that anybody loads, and has no build.
const children = readdirSync(join(here, "children")).filter((file) => file.endsWith(".ts"));
const output = join(root, "node_modules", ".cache", "episcope", `faults-${process.pid}`);
mkdirSync(output, { recursive: true });
process.on("exit", () => rmSync(output, { recursive: true, force: true }));
const bundle = await rolldown({
  input: {
    matrix: join(here, "matrix.ts"),
    ...Object.fromEntries(
      children.map((file) => [`children/${file.slice(0, -3)}`, join(here, "children", file)]),
    ),
  },
  platform: "node",
  external: [/^@episcope\/(?!testing\/)/],
  transform: { target: "es2023" },
  logLevel: "warn",
});
await bundle.write({ dir: output, format: "esm", entryFileNames: "[name].mjs", sourcemap: "inline" });
await bundle.close();

const { runMatrix } = await import(pathToFileURL(join(output, "matrix.mjs")).href);
process.exitCode = await runMatrix(
  args.filter((word) => word !== "--no-build"),
  { childDirectory: join(output, "children"), root },
);
