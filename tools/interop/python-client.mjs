// Runs the tests of the Python client against the built program, after its types have been checked.
//
//   node tools/interop/python-client.mjs --python PATH
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { python: { type: "string" } } });
if (values.python === undefined) {
  process.stderr.write("usage: python-client.mjs --python PATH\n");
  process.exit(2);
}
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const client = join(root, "python");
const program = join(root, "packages", "cli", "bin", "episcope.js");
const env = {
  ...process.env,
  PYTHONPATH: join(client, "src"),
  PYTHONDONTWRITEBYTECODE: "1",
  // Split as a shell would.
  EPISCOPE_PROGRAM: `'${process.execPath}' '${program}'`,
};
for (const [what, words] of [
  ["types", ["mypy", "--cache-dir", join(root, ".venv", "mypy")]],
  ["tests", ["pytest"]],
]) {
  const { status } = spawnSync(values.python, ["-m", ...words], { cwd: client, stdio: "inherit", env });
  process.stdout.write(`${status === 0 ? "ok" : "NOT OK"}  ${what}\n`);
  if (status !== 0) process.exitCode = 1;
}
