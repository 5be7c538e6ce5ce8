const LONGEST = 60;

/** A file name, without extension, for each task; a task id may hold anything, a name may not lead out of its folder. */
export function taskFileNames(ids: readonly string[]): string[] {
  const taken = new Set<string>();
  return ids.map((id) => {
    const plain = `task_${id.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, LONGEST)}`;
    let name = plain;
    // Names that differ only in case are one file on some disks.
    for (let again = 2; taken.has(name.toLowerCase()); again++) name = `${plain}_${again}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
