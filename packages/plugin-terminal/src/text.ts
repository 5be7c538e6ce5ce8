import { cleanText, columnsOf, textColumns } from "@episcope/drawing";

/** Escape sequences, of which only ours are in a text by then. */
const SEQUENCE = /\u001b\[[0-9;]*m/g;

/** A recorded string for the terminal: one line, no controls, no sequences, nothing that reorders its neighbours. */
export function recorded(text: string): string {
  return cleanText(text);
}

/** Columns on the terminal, our colours not counted. */
export function widthOf(text: string): number {
  return textColumns(text.replace(SEQUENCE, ""));
}

export function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

/** At most `columns` columns, with an ellipsis where something was cut; colours stay whole. */
export function clipped(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return "";
  let used = 0;
  let result = "";
  let colored = false;
  for (let at = 0; at < text.length; ) {
    SEQUENCE.lastIndex = at;
    const sequence = SEQUENCE.exec(text);
    if (sequence?.index === at) {
      result += sequence[0];
      colored = true;
      at += sequence[0].length;
      continue;
    }
    const codePoint = text.codePointAt(at) as number;
    const width = columnsOf(codePoint);
    if (used + width > columns - 1) break;
    used += width;
    const character = String.fromCodePoint(codePoint);
    result += character;
    at += character.length;
  }
  return `${result}…${colored ? "\u001b[0m" : ""}`;
}

/** Words joined by two spaces, broken into lines where the width asks for it. */
export function flowed(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of parts) {
    if (part === "") continue;
    if (line !== "" && widthOf(line) + 2 + widthOf(part) > columns) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? part : `${line}  ${part}`;
  }
  if (line !== "") lines.push(line);
  return lines.map((text) => clipped(text, columns));
}

const BARS = "▁▂▃▄▅▆▇█";

/** A curve as one line of bars; more values than columns are averaged, unknown ones leave a gap. */
export function sparkline(values: ArrayLike<number>, columns: number, low?: number, high?: number): string {
  const count = Math.max(0, Math.min(values.length, columns));
  const means = Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * values.length) / count);
    const to = Math.max(from + 1, Math.floor(((i + 1) * values.length) / count));
    let sum = 0;
    let known = 0;
    for (let at = from; at < to; at++) {
      if (!Number.isFinite(values[at])) continue;
      sum += values[at] as number;
      known++;
    }
    return known === 0 ? Number.NaN : sum / known;
  });
  const finite = means.filter((value) => Number.isFinite(value));
  const least = low ?? Math.min(...finite);
  const most = high ?? Math.max(...finite);
  return means
    .map((value) => {
      if (Number.isNaN(value)) return " ";
      const share = most > least ? (value - least) / (most - least) : 0.5;
      return BARS[Math.max(0, Math.min(7, Math.round(share * 7)))];
    })
    .join("");
}
