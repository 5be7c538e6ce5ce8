// Runs every small failing input of ../shared/cases (each a folder with `cmd` and `expected.txt`, made from public bug
// reports) against the built program and checks what its `expected.txt` asks for. Where the folder is absent: skipped.
//
//   node tools/interop/cases.mjs [NAME-PART…]      only the cases whose name has one of the parts
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CASES } from "./cases-expected.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const folder = join(root, "..", "shared", "cases");
if (!fs.existsSync(folder)) {
  process.stdout.write("skipped: there is no ../shared/cases\n");
  process.exit(0);
}

const at = process.argv.indexOf("--python");
const python = at < 0 ? (process.env["PYTHON"] ?? "python3") : process.argv[at + 1];
const parts = process.argv.slice(2).filter((word) => !word.startsWith("--") && !word.includes("/"));
const names = fs
  .readdirSync(folder)
  .sort()
  .filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)));
let failed = 0;
for (const name of names) {
  const expected = CASES[name];
  if (expected === undefined) {
    process.stdout.write(`  ${name}: no check is written for it\n`);
    continue;
  }
  const problems = check(name, expected);
  if (problems.length > 0 && !expected.elsewhere) failed += 1;
  const verdict = problems.length === 0 ? "as expected" : problems.join("; ");
  process.stdout.write(
    `  ${name}: ${verdict}${problems.length > 0 && expected.elsewhere ? " (another issue's)" : ""}\n`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;

/** Runs a copy of the case and gives what is not as its `expected.txt` asks. */
function check(name, { expect }) {
  const scratch = fs.mkdtempSync(join(tmpdir(), "episcope-case-"));
  const place = join(scratch, basename(name));
  fs.cpSync(join(folder, name), place, { recursive: true });
  spawnSync("chmod", ["-R", "u+w", place]);
  try {
    const { status, stdout, stderr } = spawnSync("sh", ["./cmd"], {
      cwd: place,
      encoding: "utf8",
      timeout: 180_000,
      env: {
        ...process.env,
        ROOT: root,
        EPISCOPE: join(root, "node_modules", ".bin", "episcope"),
        PYTHON: python,
        WANDB: process.env["WANDB"] ?? "false",
      },
    });
    const problems = [];
    expect(
      { status, stdout, stderr, text: stdout + stderr, place },
      { is: (holds, problem) => holds || problems.push(problem) },
    );
    if (problems.length > 0 && process.env["SHOW"]) process.stdout.write(`${stdout}${stderr}`);
    return problems;
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}
