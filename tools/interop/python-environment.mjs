// The virtual environment of the checks and benches that need Python: below the checkout, made anew when the requirements change.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const directory = join(here, "..", "..", ".venv");
const requirements = join(here, "requirements.txt");
const stamp = join(directory, "requirements.sha256");

export const PYTHON = join(directory, "bin", "python");

/** @returns {boolean} whether the environment is there, with the requirements as they are now */
export function hasEnvironment() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === wanted();
}

/**
 * Makes the environment where it is missing or outdated.
 * @param {(program: string, args: string[]) => void} must runs a program, and ends or throws where that fails
 * @param {() => void} [installPython] called where Python cannot make virtual environments yet
 */
export function prepareEnvironment(must, installPython) {
  if (hasEnvironment()) return;
  const make = ["-m", "venv", "--clear", directory];
  if (spawnSync("python3", make, { stdio: "inherit" }).status !== 0) {
    installPython?.();
    must("python3", make);
  }
  must(PYTHON, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
  writeFileSync(stamp, wanted());
}

function wanted() {
  return createHash("sha256").update(readFileSync(requirements)).digest("hex");
}
