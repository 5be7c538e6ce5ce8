import { packageHeaderInvalid } from "./errors.js";

/** How much of a file the header is looked for in, in characters. */
const HEADER_SIZE = 512;
const BEGINS_WITH_HEADER = /^\s*#\s*@/;
const LINE_BREAK = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/**
 * The package that a file asks for by `# @package NAME` in its first lines; undefined without one. Header lines
 * come before anything else but empty lines; the last one of a kind counts.
 */
export function readPackageHeader(text: string, label: string): string | undefined {
  // Nearly every file ends the search with its first character that is not blank.
  if (!BEGINS_WITH_HEADER.test(text)) return undefined;
  let found: string | undefined;
  const lines = text.slice(0, HEADER_SIZE).split(LINE_BREAK);
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === "") continue;
    if (!/^#\s*@/.test(line)) break;
    const parts = line
      .replace(/^#+/, "")
      .trim()
      .split(" ")
      .filter((part) => part !== "");
    if (parts.length < 2) throw packageHeaderInvalid(label, index + 1, line, "has a key but no value");
    if (parts.length > 2) throw packageHeaderInvalid(label, index + 1, line, "has too many parts");
    if (parts[0]!.trim() === "@package") found = parts[1]!.trim();
  }
  return found;
}
