import { isHydraOverride, isSweepOverride, keyElement, type Override } from "../override/override.js";
import { sweepOutsideMultirun, sweepOverHydra } from "./errors.js";

/** Refuses sweeps where there is one job, and sweeps over Hydra's own config. */
export function checkSweeps(overrides: readonly Override[], mode: "run" | "multirun"): void {
  for (const override of overrides) {
    if (!isSweepOverride(override)) continue;
    if (mode === "run") {
      const simple = override.valueType === "SIMPLE_CHOICE_SWEEP";
      const list = simple ? override.text.slice(override.text.indexOf("=") + 1) : undefined;
      throw sweepOutsideMultirun(override.text, keyElement(override), list);
    }
    if (isHydraOverride(override)) throw sweepOverHydra(override.text);
  }
}
