import type { Grid, KeyStep, KeyStepReason } from "@episcope/records";

/** Which reasons say most about an episode, for choosing among many key steps. */
const WEIGHTS: { readonly [reason in KeyStepReason]: number } = {
  first: 100,
  last: 100,
  first_success: 50,
  submit: 20,
  similarity_drop: 8,
  similarity_jump: 7,
  resize: 6,
  reward_outlier: 5,
  new_best: 4,
};
/** From this weight on a step is shown whatever its grid. */
const ALWAYS = 50;

/** A key step that is shown, with its number in the picture. */
export interface ShownKeyStep {
  readonly step: KeyStep;
  readonly number: number;
  /** How many key steps led to the same grid, this one among them; 1 on all cards of a grid but its first. */
  readonly times: number;
}

/**
 * At most `count` key steps, in order. A grid is shown once, by the weightiest of the steps that led to it (the
 * first and the last step and the first success are always shown): an agent that goes back and forth has one card
 * for each place, not one for each visit. Among too many the weightiest are taken, and of equal ones some evenly over
 * the episode.
 */
export function chooseKeySteps(steps: readonly KeyStep[], count: number): ShownKeyStep[] {
  const visits = new Map<string, KeyStep[]>();
  for (const step of steps) {
    const key = gridKey(step.after);
    const same = visits.get(key);
    if (same) same.push(step);
    else visits.set(key, [step]);
  }
  const chosen = new Map<KeyStep, number>();
  for (const same of visits.values()) {
    const heaviest = same.reduce((best, step) => (weightOf(step) > weightOf(best) ? step : best));
    const shown = same.filter((step) => step === heaviest || weightOf(step) >= ALWAYS);
    for (const [index, step] of shown.entries()) chosen.set(step, index === 0 ? same.length : 1);
  }
  const kept = new Set(heaviestOf([...chosen.keys()], count));
  return steps
    .filter((step) => kept.has(step))
    .map((step, index) => ({ step, number: index + 1, times: chosen.get(step) as number }));
}

function weightOf({ reasons }: KeyStep): number {
  return reasons.reduce((sum, reason) => sum + WEIGHTS[reason], 0);
}

function heaviestOf(steps: readonly KeyStep[], count: number): readonly KeyStep[] {
  if (steps.length <= count) return steps;
  const kept: KeyStep[] = [];
  const weights = [...new Set(steps.map(weightOf))].sort((a, b) => b - a);
  for (const weight of weights) {
    const equal = steps.filter((step) => weightOf(step) === weight);
    const room = count - kept.length;
    if (equal.length <= room) kept.push(...equal);
    else {
      for (let place = 0; place < room; place++) {
        kept.push(equal[Math.floor(((place + 0.5) * equal.length) / room)] as KeyStep);
      }
      break;
    }
  }
  return kept;
}

function gridKey({ shape, data, mask }: Grid): string {
  const cells = String.fromCharCode(...data);
  return `${shape.join("x")} ${cells} ${mask === undefined ? "" : String.fromCharCode(...mask)}`;
}
