import { KEY_STEP_REASONS, type KeyStepReason } from "../view/view.js";

export function reasonBits(reasons: readonly KeyStepReason[]): number {
  let bits = 0;
  for (const reason of reasons) bits |= 1 << KEY_STEP_REASONS.indexOf(reason);
  return bits;
}

export function reasonsOf(bits: number): readonly KeyStepReason[] {
  return KEY_STEP_REASONS.filter((_reason, bit) => bits & (1 << bit));
}
