/** A text in one colour over another, as palette indices, row by row. */
export class ColoredText {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  /** The entry of the pixels without ink. */
  readonly ground: number;

  constructor(width: number, height: number, pixels: Uint8Array, ground: number) {
    this.ground = ground;
    this.width = width;
    this.height = height;
    this.pixels = pixels;
  }

  /** Writes one of its rows into a line of a picture, from pixel `x` on. */
  paintRow(row: number, line: Uint8Array, x: number): void {
    line.set(this.pixels.subarray(row * this.width, (row + 1) * this.width), x);
  }
}
