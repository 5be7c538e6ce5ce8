import { type FileSystem, RunReader } from "@episcope/records/store";

/** The directories of a run, in the order in which they were recorded into. Throws RUN_NOT_FOUND. */
export function partsOf(fs: FileSystem, dir: string): string[] {
  const { otherPart } = new RunReader(dir, { fs });
  if (otherPart === null) return [dir];
  return otherPart.isLater ? [dir, otherPart.dir] : [otherPart.dir, dir];
}
