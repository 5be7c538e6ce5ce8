import type { Accounting } from "@episcope/records";

/** One line for the end of a run: what was written, and what was dropped where and why. */
export function closingLine(
  run: string,
  episodes: number,
  accounting: { readonly [key: string]: Accounting },
): string {
  const parts = Object.entries(accounting).map(([key, { accepted, written, dropped, reasons }]) => {
    if (dropped === 0) return `${key} ${written} of ${accepted}`;
    const why = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
    return `${key} ${written} of ${accepted} (dropped: ${why.join(", ")})`;
  });
  const episodeCount = `${episodes} ${episodes === 1 ? "episode" : "episodes"}`;
  return `Run ${run}: ${episodeCount}; written ${parts.length === 0 ? "nothing" : parts.join("; ")}.`;
}
