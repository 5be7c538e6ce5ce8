import type { KeyStepReason, StepView } from "@episcope/records";
import { KEY_STEP_REASONS, KeyStepDetector } from "@episcope/records";
import { serviceFailed } from "../contract/errors.js";
import {
  KEY_STEP_DETECTION,
  type KeyStepDetection,
  STEP_TRIGGER,
  type StepTrigger,
  serviceName,
} from "../contract/services.js";

type Report = (error: unknown, key: string) => void;

/** What a run finds key steps with unless somebody replaces it. */
export const DETECTION: KeyStepDetection = {
  forEpisode: (_start, initialSimilarity) => new KeyStepDetector(initialSimilarity),
};

const NO_REASONS: readonly KeyStepReason[] = [];

/** Somebody's own detection: where it fails, or gives what no journal can keep, a step is an ordinary one, and it is said. */
export function guardDetection(detection: KeyStepDetection, report: Report): KeyStepDetection {
  if (detection === DETECTION) return detection;
  const name = serviceName(KEY_STEP_DETECTION);
  const attempt = <T>(otherwise: T, action: () => T): T => {
    try {
      return action();
    } catch (cause) {
      report(serviceFailed(name, "find key steps", cause), name);
      return otherwise;
    }
  };
  return {
    forEpisode: (start, initialSimilarity) => {
      const episode = attempt(null, () => detection.forEpisode(start, initialSimilarity));
      return { reasons: (view) => attempt(NO_REASONS, () => known(episode?.reasons(view) ?? NO_REASONS)) };
    },
  };
}

function known(reasons: readonly KeyStepReason[]): readonly KeyStepReason[] {
  const wrong = reasons.find((reason) => !KEY_STEP_REASONS.includes(reason));
  if (wrong === undefined) return reasons;
  throw new TypeError(`'${String(wrong)}' is no reason; there are ${KEY_STEP_REASONS.join(", ")}`);
}

/** Somebody's own trigger: where it fails, the config decides, and it is said. */
export function guardTrigger(trigger: StepTrigger, otherwise: StepTrigger, report: Report): StepTrigger {
  const name = serviceName(STEP_TRIGGER);
  return {
    draws: (view: StepView) => {
      try {
        return trigger.draws(view);
      } catch (cause) {
        report(serviceFailed(name, "decide about a picture", cause), name);
        return otherwise.draws(view);
      }
    },
  };
}
