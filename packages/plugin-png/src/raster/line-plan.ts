/** Something painted over the lines [top, bottom). `paint` writes palette indices into the line `y` of the picture. */
export interface Layer {
  readonly top: number;
  readonly bottom: number;
  paint(line: Uint8Array, y: number): void;
}

/**
 * A picture as layers, with notes on where one line may differ from the line above. Lines without a note look
 * like the one above, so they are painted once and repeated.
 */
export class LinePlan {
  readonly width: number;
  readonly height: number;
  private readonly layers: Layer[] = [];
  private readonly changes: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.changes = new Uint8Array(height + 1);
    this.changes[0] = 1;
  }

  /** Adds a layer whose lines all look alike. */
  add(layer: Layer): void {
    this.layers.push(layer);
    this.change(layer.top);
    this.change(layer.bottom);
  }

  /** Adds a layer each of whose lines may look different. */
  addUneven(layer: Layer): void {
    this.layers.push(layer);
    this.noteEach(layer);
  }

  /** Keeps a place in the order of painting, for a layer that is known later. */
  reserve(): number {
    return this.layers.push({ top: 0, bottom: 0, paint: () => {} }) - 1;
  }

  /** Puts an uneven layer into its place. */
  fill(place: number, layer: Layer): void {
    this.layers[place] = layer;
    this.noteEach(layer);
  }

  private change(y: number): void {
    if (y >= 0 && y < this.height) this.changes[y] = 1;
  }

  private noteEach(layer: Layer): void {
    const bottom = Math.min(layer.bottom, this.height);
    for (let y = Math.max(0, layer.top); y < bottom; y++) this.changes[y] = 1;
    this.change(bottom);
  }

  /** Paints each line that may differ, and says how often it is repeated. The line is overwritten by the next. */
  forEachLine(use: (line: Uint8Array, y: number, repeat: number) => void): void {
    const { width, height, layers, changes } = this;
    // A multiple of four bytes, for readers that go by words.
    const line = new Uint8Array((width + 3) & ~3).subarray(0, width);
    for (let y = 0; y < height; ) {
      let next = y + 1;
      while (next < height && changes[next] === 0) next++;
      line.fill(0);
      for (const layer of layers) if (layer.top <= y && y < layer.bottom) layer.paint(line, y);
      use(line, y, next - y);
      y = next;
    }
  }
}

/** `TypedArray.fill` costs more than it saves for the width of a cell. */
export function fillLine(line: Uint8Array, value: number, from: number, to: number): void {
  const start = Math.max(0, from);
  const end = Math.min(line.length, to);
  if (end - start > 64) line.fill(value, start, end);
  else for (let x = start; x < end; x++) line[x] = value;
}
