import { ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { formatShort } from "../text/format-number.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

const SIZE = TEXT_SIZE.caption;
const LINE = 20;
const MAX_LINES = 3;
const SPACE = 20;
const NAME_WIDTH = 220;

type Metrics = { readonly [name: string]: number };

interface Placed {
  readonly name: string;
  readonly value: string;
  readonly x: number;
  readonly line: number;
}

/** The agent's and the environment's own scalars, "name value" side by side, on three lines at most. */
export function drawAgentMetrics(
  builder: SceneBuilder,
  metrics: Metrics,
  x: number,
  y: number,
  width: number,
): void {
  const { placed, left } = place(metrics, width);
  for (const { name, value, x: at, line } of placed) {
    const baseline = y + 12 + line * LINE;
    builder.text(x + at, baseline, name, { size: SIZE, fill: ROLE.muted });
    builder.text(x + at + textWidth(`${name} `, SIZE), baseline, value, { size: SIZE, weight: 700 });
  }
  if (left > 0) {
    const last = placed.at(-1) as Placed;
    builder.text(x, y + 12 + (last.line + 1) * LINE, `and ${left} more`, { size: SIZE, fill: ROLE.muted });
  }
}

/** Height that they take with the space below, 0 without metrics. */
export function agentMetricsHeight(metrics: Metrics, width: number): number {
  const { placed, left } = place(metrics, width);
  const last = placed.at(-1);
  return last === undefined ? 0 : (last.line + (left > 0 ? 2 : 1)) * LINE + 8;
}

function place(metrics: Metrics, width: number): { placed: Placed[]; left: number } {
  const placed: Placed[] = [];
  const names = Object.keys(metrics);
  let x = 0;
  let line = 0;
  for (const [index, key] of names.entries()) {
    const name = fitText(cleanText(key), NAME_WIDTH, SIZE);
    const value = formatShort(metrics[key] as number);
    const needed = textWidth(`${name} ${value}`, SIZE);
    if (x > 0 && x + needed > width) {
      x = 0;
      line++;
    }
    if (line === MAX_LINES) return { placed, left: names.length - index };
    placed.push({ name, value, x, line });
    x += needed + SPACE;
  }
  return { placed, left: 0 };
}
