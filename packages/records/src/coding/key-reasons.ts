import type { KeyStepReason } from "../view/view.js";

/** In the order of their bits; new ones go to the end. */
const REASONS: readonly KeyStepReason[] = [
  "first",
  "last",
  "submit",
  "similarity_jump",
  "similarity_drop",
  "new_best",
  "first_success",
  "resize",
  "reward_outlier",
];

export function reasonBits(reasons: readonly KeyStepReason[]): number {
  let bits = 0;
  for (const reason of reasons) bits |= 1 << REASONS.indexOf(reason);
  return bits;
}

export function reasonsOf(bits: number): readonly KeyStepReason[] {
  return REASONS.filter((_reason, bit) => bits & (1 << bit));
}
