import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Composition } from "../compose/composition.js";
import { outputDirUnavailable } from "./errors.js";

/**
 * Makes the directory that a key of the config names. One whose name comes from the clock is this job's alone: where it is
 * there already, because another process began in the same second, `-2`, `-3`, … is put behind. A name that somebody wrote is
 * taken as it stands, as in Hydra.
 */
export function claimDirectory(composition: Composition<unknown>, key: string, cwd: string): string {
  const dir = resolve(cwd, String(composition.value(key)));
  return isNamedByClock(composition, key) ? claimNew(dir) : makeDirectory(dir);
}

export function isNamedByClock(composition: Composition<unknown>, key: string): boolean {
  return /\$\{now:/.test(composition.textOf(key) ?? "");
}

export function makeDirectory(dir: string): string {
  try {
    mkdirSync(dir, { recursive: true });
    return dir;
  } catch (cause) {
    throw outputDirUnavailable(dir, cause);
  }
}

function claimNew(dir: string): string {
  makeDirectory(dirname(dir));
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? dir : `${dir}-${number}`;
    try {
      // Not recursive: exactly one process makes it.
      mkdirSync(candidate);
      return candidate;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw outputDirUnavailable(candidate, cause);
    }
  }
}
