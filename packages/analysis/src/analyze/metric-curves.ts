import type { RunReader } from "@episcope/records/store";
import type { MetricCurve } from "./analysis.js";

const MOST_POINTS = 200;

/** The scalars that a producer sent: those of `metrics`, and of `batch` the means over its environments. */
export function metricCurves(run: RunReader, position: number): MetricCurve[] {
  const curves = new Map<string, [number, number][]>();
  const add = (name: string, step: number, value: number): void => {
    const points = curves.get(name);
    if (points === undefined) curves.set(name, [[step, value]]);
    else points.push([step, value]);
  };
  try {
    for (const record of run.runRecords()) {
      if (record.type === "metrics") {
        for (const [name, value] of Object.entries(record.values)) add(name, record.step, value);
      } else if (record.type === "batch") {
        for (const [name, values] of Object.entries(record.arrays)) {
          if (values.length > 0)
            add(`mean of ${name}`, record.step, values.reduce((a, b) => a + b, 0) / values.length);
        }
      }
    }
  } catch {
    // A run whose own journal is lost has no curves; its episodes are analysed all the same.
  }
  return [...curves].map(([name, points]) => curveOf(position, name, points));
}

function curveOf(run: number, name: string, points: readonly (readonly [number, number])[]): MetricCurve {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const [, value] of points) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const every = Math.ceil(points.length / MOST_POINTS);
  return {
    run,
    name,
    n: points.length,
    first: points[0]![1],
    last: points.at(-1)![1],
    least,
    most,
    points: points.filter((_, at) => at % every === 0 || at === points.length - 1),
  };
}
