// Runs the checks of .ci/run one after another, shows their output as it comes, and closes with one line
// that counts the tests: "N passed, N failed".
import { spawn } from "node:child_process";

const STEPS = [
  ["test", ["npm", "test"]],
  ["lint", ["npm", "run", "lint"]],
  ["types", ["npm", "run", "typecheck"]],
  ["build", ["npm", "run", "build"]],
  ["api", ["npm", "run", "api", "--", "--check"]],
  ["faults", ["npm", "run", "faults", "--", "--short"]],
  ["interop", ["npm", "run", "test:interop"]],
];

let passed = 0;
let failed = 0;
const failures = [];
for (const [name, command] of STEPS) {
  const started = performance.now();
  process.stdout.write(`\n== ${name}: ${command.join(" ")}\n`);
  const { status, output } = await run(command);
  const counts = countTests(output);
  passed += counts.passed;
  failed += counts.failed;
  if (status === 0) passed += 1;
  else {
    failures.push(name);
    if (counts.failed === 0) failed += 1;
  }
  process.stdout.write(
    `== ${name}: ${status === 0 ? "ok" : `failed with exit status ${status}`} in ${((performance.now() - started) / 1000).toFixed(0)} s\n`,
  );
}
if (failures.length > 0) process.stdout.write(`\nfailed steps: ${failures.join(", ")}\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failures.length > 0 ? 1 : 0;

/** Vitest closes each project with "Tests  N failed | N passed | …"; an interop check with "PASS name" or "FAIL name". */
function countTests(output) {
  const text = output.replace(/\u001b\[[0-9;]*m/g, "");
  const counts = { passed: 0, failed: 0 };
  for (const line of text.split("\n")) {
    if (/^\s*Tests\s/.test(line)) {
      counts.passed += Number(/(\d+) passed/.exec(line)?.[1] ?? 0);
      counts.failed += Number(/(\d+) failed/.exec(line)?.[1] ?? 0);
    } else if (line.startsWith("PASS ")) counts.passed += 1;
    else if (line.startsWith("FAIL ")) counts.failed += 1;
  }
  return counts;
}

function run([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const [stream, target] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.setEncoding("utf8");
      stream.on("data", (chunk) => {
        output += chunk;
        target.write(chunk);
      });
    }
    child.on("error", (error) => resolve({ status: error.message, output }));
    child.on("close", (status) => resolve({ status, output }));
  });
}
