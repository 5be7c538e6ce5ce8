import type { FileSystem } from "./file-system.js";
import { TEMPORARY_SUFFIX } from "./write-atomically.js";

/** Where the damaged original of a repaired journal is kept, beside it. */
export const DAMAGED_SUFFIX = ".damaged";

/** Keeps the first damaged original; a repair that was interrupted does not replace it. */
export function keepDamaged(fs: FileSystem, path: string): void {
  const original = `${path}${DAMAGED_SUFFIX}`;
  if (fs.existsSync(original)) return;
  const aside = `${original}${TEMPORARY_SUFFIX}`;
  fs.copyFileSync(path, aside);
  fs.renameSync(aside, original);
}
