export interface Font {
  readonly family: string;
  /** For `font-family`: first the font that the layout was measured with. */
  readonly stack: string;
  /** These four in parts of the font size. */
  readonly advance: number;
  readonly ascent: number;
  readonly descent: number;
  readonly capHeight: number;
}

/**
 * The one font of all pictures: Roboto Mono (regular and bold), with the metrics of the files in `fonts/`; a test reads
 * them from there again. It is a fixed-width font, so a width needs no table, and the fallbacks of the stack have nearly the same advance (0.6 em).
 */
export const FONT: Font = {
  family: "Roboto Mono",
  stack: "Roboto Mono,ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace",
  advance: 1229 / 2048,
  ascent: 2146 / 2048,
  descent: 555 / 2048,
  capHeight: 1456 / 2048,
};

/** Columns of fixed-width text that a code point takes: 0 for marks that combine, 2 for East Asian wide and emoji. */
export function columnsOf(codePoint: number): 0 | 1 | 2 {
  if (codePoint < 0x300) return 1;
  if (codePoint < 0x370 || (codePoint >= 0x200b && codePoint <= 0x200f)) return 0;
  if (codePoint >= 0xfe00 && codePoint <= 0xfe0f) return 0;
  if (codePoint < 0x1100) return 1;
  return WIDE.some(([from, to]) => codePoint >= from && codePoint <= to) ? 2 : 1;
}

/** Ranges of East Asian Width W and F (UAX #11), joined where nothing narrow that matters lies between. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23f3],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x26a1, 0x26ce],
  [0x2705, 0x2757],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

/** Columns of a whole (cleaned) text. */
export function textColumns(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOf(character.codePointAt(0) as number);
  return columns;
}

/** Width in pixels at a font size. */
export function textWidth(text: string, size: number): number {
  return textColumns(text) * size * FONT.advance;
}

/** The text, or as much of it as fits into `width` pixels with an ellipsis at its end. */
export function fitText(text: string, width: number, size: number): string {
  const columns = Math.floor(width / (size * FONT.advance) + 1e-6);
  if (text.length <= columns && textColumns(text) <= columns) return text;
  if (columns < 1) return "";
  let used = 0;
  let kept = "";
  for (const character of text) {
    const next = columnsOf(character.codePointAt(0) as number);
    if (used + next > columns - 1) return `${kept}…`;
    used += next;
    kept += character;
  }
  return kept;
}
