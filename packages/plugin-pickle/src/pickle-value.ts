/** A 2-D array of uint8, row-major: `numpy.ndarray` in Python. */
export class GridArray {
  /** `[rows, columns]`. */
  readonly shape: readonly [number, number];
  readonly data: Uint8Array;

  constructor(shape: readonly [number, number], data: Uint8Array) {
    this.shape = shape;
    this.data = data;
  }
}

/** A number that is a float in Python whatever its value: `1` would else become an int. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** What a pickle of ours holds. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Float
  | GridArray
  | readonly PickleValue[]
  | { readonly [key: string]: PickleValue };
