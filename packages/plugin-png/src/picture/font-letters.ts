import { readFileSync } from "node:fs";

/** What stands for a letter that the font lacks: one that it has. */
const BOX = "\ufffd";

/**
 * The letters that a TrueType font draws, by its table `cmap` in the format 4 (OpenType 1.9.1, "cmap — Character to Glyph
 * Index Mapping Table"): the characters up to U+FFFF. The bundled font has no others.
 */
export class FontLetters {
  readonly #codePoints: ReadonlySet<number>;
  readonly #letters = new Intl.Segmenter("en", { granularity: "grapheme" });

  constructor(fontFile: string) {
    this.#codePoints = mappedCodePoints(readFileSync(fontFile));
  }

  /** The text with one box for each letter of which the font lacks a part; the same text where it lacks nothing. */
  boxed(text: string): string {
    if (this.#draws(text)) return text;
    return Array.from(this.#letters.segment(text), ({ segment }) =>
      this.#draws(segment) ? segment : BOX,
    ).join("");
  }

  #draws(text: string): boolean {
    for (const character of text) {
      if (!this.#codePoints.has(character.codePointAt(0) as number)) return false;
    }
    return true;
  }
}

function mappedCodePoints(font: Buffer): ReadonlySet<number> {
  const at = unicodeMapping(font);
  const segments = font.readUInt16BE(at + 6) / 2;
  const ends = at + 14;
  const starts = ends + 2 * segments + 2;
  const deltas = starts + 2 * segments;
  const offsets = deltas + 2 * segments;
  const mapped = new Set<number>();
  for (let segment = 0; segment < segments; segment++) {
    const start = font.readUInt16BE(starts + 2 * segment);
    const end = font.readUInt16BE(ends + 2 * segment);
    const delta = font.readUInt16BE(deltas + 2 * segment);
    const place = offsets + 2 * segment;
    const offset = font.readUInt16BE(place);
    for (let code = start; code <= end; code++) {
      const entry = offset === 0 ? code : font.readUInt16BE(place + offset + 2 * (code - start));
      // An entry of 0 is glyph 0, the letter that is not there, whatever the delta.
      if (entry !== 0 && (offset === 0 ? (entry + delta) & 0xffff : entry) !== 0) mapped.add(code);
    }
  }
  return mapped;
}

/** Where the mapping for the characters of Unicode's first plane begins (platform 3, encoding 1). */
function unicodeMapping(font: Buffer): number {
  const tables = font.readUInt16BE(4);
  for (let table = 0; table < tables; table++) {
    const record = 12 + 16 * table;
    if (font.toString("latin1", record, record + 4) !== "cmap") continue;
    const cmap = font.readUInt32BE(record + 8);
    const mappings = font.readUInt16BE(cmap + 2);
    for (let mapping = 0; mapping < mappings; mapping++) {
      const entry = cmap + 4 + 8 * mapping;
      const begin = cmap + font.readUInt32BE(entry + 4);
      const isUnicode = font.readUInt16BE(entry) === 3 && font.readUInt16BE(entry + 2) === 1;
      if (isUnicode && font.readUInt16BE(begin) === 4) return begin;
    }
  }
  throw new TypeError("The font has no mapping of format 4 for Unicode.");
}
