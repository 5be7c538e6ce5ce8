/** Ids 0..34 are JaxARC's; 35..38 switch the pair. `README.md` holds the table of what each does. */
export const OPERATION = {
  /** 0..9: fill with colour 0..9. */
  fill: 0,
  /** 10..19: flood fill with colour 0..9. */
  floodFill: 10,
  moveUp: 20,
  moveDown: 21,
  moveLeft: 22,
  moveRight: 23,
  rotateClockwise: 24,
  rotateCounterclockwise: 25,
  flipHorizontal: 26,
  flipVertical: 27,
  copy: 28,
  paste: 29,
  cut: 30,
  clear: 31,
  copyInput: 32,
  resize: 33,
  submit: 34,
  nextTrainPair: 35,
  previousTrainPair: 36,
  nextTestPair: 37,
  previousTestPair: 38,
} as const;

/** Operations have the ids 0..OPERATION_COUNT-1. */
export const OPERATION_COUNT = 39;

export function isOperation(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < OPERATION_COUNT;
}

/** Whether the operation leaves the episode's pair for another; such a step ends the episode. */
export function isPairSwitch(id: number): boolean {
  return id >= OPERATION.nextTrainPair && id <= OPERATION.previousTestPair;
}

/** Of the ids 35..38, which have no standard name. */
export const PAIR_SWITCH_NAMES: readonly string[] = [
  "Next Demo Pair",
  "Prev Demo Pair",
  "Next Test Pair",
  "Prev Test Pair",
];
