/** What covers some lines of a picture. */
interface Band {
  readonly top: number;
  readonly bottom: number;
}

/** Tells for line after line, from the top, which of some bands cover it. */
export class Sweep<T extends Band> {
  private readonly bands: readonly T[];
  /** By line: 1 + the first band that begins there; by band: 1 + the next one that begins in its line. */
  private readonly first: Int32Array;
  private readonly next: Int32Array;
  private readonly active: number[] = [];
  private line = 0;
  private end = Number.POSITIVE_INFINITY;

  /** `height` lines; bands may reach beyond them. */
  constructor(bands: readonly T[], height: number) {
    this.bands = bands;
    this.first = new Int32Array(height);
    this.next = new Int32Array(bands.length);
    for (let band = bands.length - 1; band >= 0; band--) {
      const top = Math.max(0, bands[band]!.top);
      if (top >= height) continue;
      this.next[band] = this.first[top]!;
      this.first[top] = band + 1;
    }
  }

  /** Places of the bands that cover line `y`, in order; lines must not go back. Overwritten by the next call. */
  at(y: number): readonly number[] {
    if (y >= this.end) this.dropEnded(y);
    for (; this.line <= y; this.line++) {
      for (let band = this.first[this.line]! - 1; band >= 0; band = this.next[band]! - 1)
        this.insert(band, y);
    }
    return this.active;
  }

  private insert(band: number, y: number): void {
    const { active } = this;
    const { bottom } = this.bands[band]!;
    if (bottom <= y) return;
    let at = active.length;
    for (; at > 0 && active[at - 1]! > band; at--) active[at] = active[at - 1]!;
    active[at] = band;
    this.end = Math.min(this.end, bottom);
  }

  private dropEnded(y: number): void {
    const { active, bands } = this;
    let kept = 0;
    this.end = Number.POSITIVE_INFINITY;
    for (const band of active) {
      const { bottom } = bands[band]!;
      if (bottom <= y) continue;
      active[kept++] = band;
      this.end = Math.min(this.end, bottom);
    }
    active.length = kept;
  }
}
