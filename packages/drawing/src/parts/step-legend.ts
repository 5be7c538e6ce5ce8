import { type MarksItem, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

export interface LegendEntry {
  /** What is drawn beside the text, on a cell of its own. */
  readonly sample: "selection" | MarksItem["mark"];
  readonly text: string;
}

const SIZE = TEXT_SIZE.caption;
const LINE = 26;
const CELL = 18;

/** A line that explains the marks; breaks into more lines where the width asks for it. Returns its height. */
export function drawLegend(
  builder: SceneBuilder,
  entries: readonly LegendEntry[],
  x: number,
  y: number,
  width: number,
): number {
  let at = 0;
  let line = 0;
  for (const { sample, text } of entries) {
    const needed = CELL + 10 + textWidth(text, SIZE);
    if (at > 0 && at + needed > width) {
      at = 0;
      line++;
    }
    const top = y + line * LINE;
    drawSample(builder, sample, x + at, top);
    builder.text(x + at + CELL + 10, top + 14, text, { size: SIZE, fill: ROLE.muted });
    at += needed + 24;
  }
  return (line + 1) * LINE;
}

function drawSample(builder: SceneBuilder, sample: LegendEntry["sample"], left: number, top: number): void {
  const x = Math.ceil(left / 2) * 2;
  const y = Math.ceil(top / 2) * 2;
  const frame = { shape: [1, 1] as const, x, y, cell: CELL };
  const data = Uint8Array.of(5);
  const mask = Uint8Array.of(1);
  builder.add({ kind: "grid", ...frame, data, lines: true, digits: null, label: "legend" });
  if (sample === "selection") {
    builder.add({ kind: "selection", ...frame, mask, weight: 3, hatch: 12 });
  } else {
    const size = sample === "ring" ? CELL + 1 : sample === "centre" ? 7 : 6;
    builder.add({ kind: "marks", mark: sample, ...frame, size, weight: 2, data, mask });
  }
}
