import type { EpiscopeError } from "@episcope/errors";
import { formatUnreadable } from "../terminal/errors.js";

/** What the first line of a text is where it is surely no record; null where it may be one that is wrong. */
export function foreignText(line: string): EpiscopeError | null {
  const start = line.trimStart();
  if (start.startsWith("[") || start.trimEnd() === "{") {
    return formatUnreadable(
      "JSON over several lines, or one list of everything",
      "Write one record per line: jq -c '.[]' FILE | episcope record input=-",
    );
  }
  if (start.startsWith("episode,") || /^[\w ]+(,[\w ]+){2,}$/.test(start.trim()))
    return formatUnreadable(
      "a table of values (CSV)",
      "Send the record stream that docs/formats.md describes.",
    );
  const value = objectOf(start);
  if (value === null || "type" in value) return null;
  const data = value["data"];
  if ("timestamp" in value && typeof data === "object" && data !== null) {
    return formatUnreadable(
      "a recording of ARC-AGI-3",
      "This version cannot read those yet: `import` is to come. Nothing was recorded.",
    );
  }
  if ("train" in value && "test" in value)
    return formatUnreadable("an ARC task", "Play it: episcope play task_dir=FOLDER");
  if (value["format"] === "episcope-episode")
    return formatUnreadable("an export of an episode", "Its run directory is what can be replayed.");
  return null;
}

function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
