/** What covers some lines of a picture. */
export interface Band {
  readonly top: number;
  readonly bottom: number;
}

/** Tells for line after line, from the top, which of some bands cover it. */
export class Sweep<T extends Band> {
  private readonly bands: readonly T[];
  /** Places of the bands, by top. */
  private readonly order: readonly number[];
  private next = 0;
  private active: number[] = [];
  private end = Number.POSITIVE_INFINITY;

  constructor(bands: readonly T[]) {
    this.bands = bands;
    this.order = [...bands.keys()].sort((a, b) => bands[a]!.top - bands[b]!.top);
  }

  /** Places of the bands that cover line `y`, in order; lines must not go back. Overwritten by the next call. */
  at(y: number): readonly number[] {
    const { bands, order } = this;
    if (y >= this.end) {
      this.active = this.active.filter((band) => bands[band]!.bottom > y);
      this.end = Number.POSITIVE_INFINITY;
      for (const band of this.active) this.end = Math.min(this.end, bands[band]!.bottom);
    }
    const before = this.active.length;
    while (this.next < order.length && bands[order[this.next]!]!.top <= y) {
      const band = order[this.next++]!;
      const { bottom } = bands[band]!;
      if (bottom <= y) continue;
      this.active.push(band);
      this.end = Math.min(this.end, bottom);
    }
    if (this.active.length > before) this.active.sort((a, b) => a - b);
    return this.active;
  }
}
