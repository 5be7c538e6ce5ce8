import { ROLE, type Scene } from "@episcope/drawing";

/**
 * The coverages that text is drawn with; the outermost two are the ground and the full ink. Strokes are about a pixel
 * wide, so most pixels of a letter are covered well or hardly.
 */
export const COVERAGES: readonly number[] = [0, 0.4, 0.7, 1];
export const COVERAGE_STEPS: number = COVERAGES.length;

/** Colours that differ by no more than this in any channel count as one ground under a mixture. */
const NEAR = 16;

/**
 * The colours of one picture: the scene's paints, and the mixtures that smooth text needs, which are added when
 * they first occur. The page's colour is entry 0, so that an empty line is a line of zeros.
 */
export class IndexPalette {
  /** By paint. */
  readonly paints: Uint8Array;
  private readonly rgb: number[] = [];
  /** By ink, then by ground: the entry of the weakest mixture, 0 where it does not exist yet. */
  private readonly mixtures: (Uint8Array | undefined)[] = [];
  /** Of mixtures, by entry: what they were mixed from. */
  private readonly ground: number[] = [];
  private readonly ink: number[] = [];
  /** By entry of the scene's paints: the one whose mixtures serve for it too. */
  private readonly mixedAs: number[] = [];

  constructor(scene: Scene) {
    this.paints = new Uint8Array(scene.palette.length);
    const order = [ROLE.page, ...scene.palette.keys()].filter((paint, at) => at === 0 || paint !== ROLE.page);
    order.forEach((paint, entry) => {
      this.paints[paint] = entry;
      this.rgb.push(Number.parseInt((scene.palette[paint] as string).slice(1), 16));
      this.ground.push(-1);
      this.ink.push(-1);
    });
    this.mixedAs = this.rgb.map((_, entry) => entry);
    // Cards are nearly as light as the page: with the same shades on both, text costs fewer bytes.
    const panel = this.paints[ROLE.panel]!;
    if (near(this.rgb[panel]!, this.rgb[0]!)) this.mixedAs[panel] = 0;
  }

  get size(): number {
    return this.rgb.length;
  }

  /**
   * The entry for coverage number `step` of `ink` over what is there. Over a mixture the step is added to its
   * own, as where two letters touch. -1 when 256 entries are not enough.
   */
  mix(ink: number, under: number, step: number): number {
    if (step >= COVERAGE_STEPS - 1) return ink;
    let grounds = this.mixtures[ink];
    if (grounds === undefined) {
      grounds = new Uint8Array(256);
      this.mixtures[ink] = grounds;
    }
    let ground = under;
    let sum = step;
    if (this.ground[under]! >= 0) {
      ground = this.ground[under]!;
      if (this.ink[under] === ink) {
        sum += under - grounds[ground]! + 1;
        if (sum >= COVERAGE_STEPS - 1) return ink;
      }
    }
    if (ground === ink) return ink;
    ground = this.mixedAs[ground]!;
    let first = grounds[ground]!;
    if (first === 0) {
      first = this.rgb.length;
      if (first + COVERAGE_STEPS - 2 > 256) return -1;
      grounds[ground] = first;
      for (let i = 1; i < COVERAGE_STEPS - 1; i++) {
        this.rgb.push(mixed(this.rgb[ground]!, this.rgb[ink]!, COVERAGES[i]!));
        this.ground.push(ground);
        this.ink.push(ink);
      }
    }
    return first + sum - 1;
  }

  /**
   * The entries of all coverages of `ink` over one ground, from none to full; null when 256 entries are not enough.
   */
  shades(ink: number, ground: number): Uint8Array | null {
    const shades = new Uint8Array(COVERAGE_STEPS);
    for (let step = 0; step < COVERAGE_STEPS; step++) {
      const entry = step === 0 ? ground : this.mix(ink, ground, step);
      if (entry < 0) return null;
      shades[step] = entry;
    }
    return shades;
  }

  /** Red, green, blue of each entry. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(3 * this.rgb.length);
    this.rgb.forEach((color, entry) => {
      bytes[3 * entry] = color >> 16;
      bytes[3 * entry + 1] = color >> 8;
      bytes[3 * entry + 2] = color;
    });
    return bytes;
  }
}

function near(a: number, b: number): boolean {
  return [16, 8, 0].every((shift) => Math.abs(((a >> shift) & 255) - ((b >> shift) & 255)) <= NEAR);
}

function mixed(ground: number, ink: number, part: number): number {
  let color = 0;
  for (const shift of [16, 8, 0]) {
    const from = (ground >> shift) & 255;
    const to = (ink >> shift) & 255;
    color |= Math.round(from + (to - from) * part) << shift;
  }
  return color;
}
