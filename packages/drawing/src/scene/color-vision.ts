/** Kinds of colour vision that palettes are measured for. */
export type Vision = "normal" | "protanopia" | "deuteranopia" | "tritanopia";

export const VISIONS: readonly Vision[] = ["normal", "protanopia", "deuteranopia", "tritanopia"];

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/**
 * Simulation of colour-vision deficiency on linear RGB at full severity: Machado, Oliveira, Fernandes, "A
 * Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009, table 1.
 */
const MACHADO: { readonly [vision in Exclude<Vision, "normal">]: Matrix } = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** A colour "#rrggbb" in CIELAB (D65 white), as an eye of that kind sees it. */
export function labOf(color: string, vision: Vision = "normal"): Triple {
  const linear = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple;
  const seen = vision === "normal" ? linear : clamp(multiply(MACHADO[vision], linear));
  const [x, y, z] = multiply(RGB_TO_XYZ, seen);
  const [fx, fy, fz] = [labCurve(x / WHITE[0]), labCurve(y / WHITE[1]), labCurve(z / WHITE[2])];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

/** CIELAB distance (1976) of two colours for an eye of that kind. */
export function colorDistance(a: string, b: string, vision: Vision = "normal"): number {
  const [l1, a1, b1] = labOf(a, vision);
  const [l2, a2, b2] = labOf(b, vision);
  return Math.hypot(l1 - l2, a1 - a2, b1 - b2);
}

/** The two colours of a list that are hardest to tell apart. */
export interface ClosestPair {
  readonly distance: number;
  /** Places in the list. */
  readonly pair: readonly [number, number];
}

export function closestPair(colors: readonly string[], vision: Vision = "normal"): ClosestPair {
  let closest: ClosestPair = { distance: Number.POSITIVE_INFINITY, pair: [0, 0] };
  for (let first = 0; first < colors.length; first++) {
    for (let second = first + 1; second < colors.length; second++) {
      const distance = colorDistance(colors[first] as string, colors[second] as string, vision);
      if (distance < closest.distance) closest = { distance, pair: [first, second] };
    }
  }
  return closest;
}

/** sRGB primaries, D65. */
const RGB_TO_XYZ: Matrix = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];
const WHITE: Triple = [0.95047, 1, 1.08883];

function multiply(matrix: Matrix, [a, b, c]: Triple): Triple {
  return matrix.map(([x, y, z]) => x * a + y * b + z * c) as unknown as Triple;
}

function clamp(color: Triple): Triple {
  return color.map((value) => Math.max(0, Math.min(1, value))) as unknown as Triple;
}

function labCurve(value: number): number {
  return value > 216 / 24389 ? Math.cbrt(value) : ((24389 / 27) * value + 16) / 116;
}
