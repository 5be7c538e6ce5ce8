import type { StepView } from "@episcope/records";
import type { StepPictures, VisualizationConfig } from "./types.js";

/** What is drawn and dumped in a run: `debug_level`, after the keys that override it for one thing. */
export interface DrawingPlan {
  readonly steps: StepPictures;
  readonly summary: boolean;
  readonly stateDumps: boolean;
}

const PLAN_OF_LEVEL: { readonly [level in VisualizationConfig["debug_level"]]: DrawingPlan } = {
  off: { steps: "none", summary: false, stateDumps: false },
  minimal: { steps: "none", summary: true, stateDumps: false },
  standard: { steps: "key", summary: true, stateDumps: false },
  verbose: { steps: "all", summary: true, stateDumps: false },
  full: { steps: "all", summary: true, stateDumps: true },
};

export function drawingPlan(config: VisualizationConfig): DrawingPlan {
  const level = PLAN_OF_LEVEL[config.debug_level];
  return {
    steps: config.step_pictures === "auto" ? level.steps : config.step_pictures,
    summary: config.summary_picture === "auto" ? level.summary : config.summary_picture,
    stateDumps: config.state_dumps === "auto" ? level.stateDumps : config.state_dumps,
  };
}

/** Whether this step gets a picture. */
export function drawsStep(plan: DrawingPlan, view: StepView): boolean {
  return plan.steps === "all" || (plan.steps === "key" && view.reasons.length > 0);
}
