// npm run pack:wheel [-- DIR [--target NAME]]: builds the wheel of the Python client that carries the program and takes Node
// from pip, so that `pip install DIR/*.whl` is all that a researcher needs. Default: outputs/wheels, for this machine.
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./packages.mjs";
import { buildWheel, hostTarget, TARGETS } from "./wheels.mjs";

const { values, positionals } = parseArgs({
  options: { target: { type: "string" }, python: { type: "string", default: "python3" } },
  allowPositionals: true,
});
const target = values.target ?? hostTarget();
if (target === undefined || !(target in TARGETS)) {
  process.stderr.write(
    `no wheel can be made for ${target ?? `${process.platform}-${process.arch}`}; --target takes ${Object.keys(TARGETS).join(", ")}\n`,
  );
  process.exit(2);
}
const wheel = buildWheel(positionals[0] ?? join(ROOT, "outputs", "wheels"), {
  target,
  python: values.python,
});
process.stdout.write(`${relative(process.cwd(), wheel.file)}  ${(wheel.size / 1e6).toFixed(1)} MB\n`);
