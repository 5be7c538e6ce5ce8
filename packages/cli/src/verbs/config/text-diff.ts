import { createTwoFilesPatch, structuredPatch } from "diff";

/** The lines of a file that differ, each place behind `file:line`; empty where none does. */
export function changedLines(file: string, before: string, after: string): string {
  const { hunks } = structuredPatch(file, file, before, after, undefined, undefined, { context: 0 });
  return hunks
    .map(({ newStart, newLines, lines }) => {
      const shown = lines.filter((line) => !line.startsWith("\\"));
      return `${file}:${newLines === 0 ? newStart + 1 : newStart}\n${shown.join("\n")}\n`;
    })
    .join("");
}

/** A unified diff with three lines around each change; a file that was not there is compared with nothing. */
export function unifiedDiff(file: string, before: string | undefined, after: string): string {
  const name = before === undefined ? "/dev/null" : `a/${file}`;
  const options = {
    context: 3,
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  };
  return createTwoFilesPatch(name, `b/${file}`, before ?? "", after, undefined, undefined, options);
}
