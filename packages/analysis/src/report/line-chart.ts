import { htmlText } from "./html-text.js";
import { short } from "./number-text.js";

const WIDTH = 320;
const HEIGHT = 120;

/** A small line of `[x, y]` as a figure; its ends are in the caption, its extremes below it and in the text for screen readers. */
export function lineChart(caption: string, points: readonly (readonly [number, number])[]): string {
  const finite = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  if (finite.length < 2) return `<figure><figcaption>${htmlText(caption)}</figcaption></figure>`;
  const [left, right] = extent(finite.map(([x]) => x));
  const [low, high] = extent(finite.map(([, y]) => y));
  const line = finite
    .map(([x, y]) => {
      const px = right === left ? 0 : ((x - left) / (right - left)) * WIDTH;
      const py = high === low ? HEIGHT / 2 : HEIGHT - ((y - low) / (high - low)) * HEIGHT;
      return `${px.toFixed(1)},${py.toFixed(1)}`;
    })
    .join(" ");
  const label = htmlText(`${caption}; lowest ${short(low)}, highest ${short(high)}`);
  const chart = `<svg viewBox="-4 -4 ${WIDTH + 8} ${HEIGHT + 8}" role="img" aria-label="${label}"><polyline points="${line}"/></svg>`;
  return `<figure>${chart}<figcaption>${htmlText(caption)}<br><small>${short(low)} to ${short(high)}</small></figcaption></figure>`;
}

function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
