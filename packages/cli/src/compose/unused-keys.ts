import type { Composition } from "@episcope/config";
import { hydraKeyUnused } from "../terminal/errors.js";

const LOG = "Say logging.log_level=DEBUG, or another logging of the config.";

/** Keys of Hydra's node that do nothing in this program, with what says that one is set, and what does the same. */
const UNUSED: readonly (readonly [key: string, isSet: (value: unknown) => boolean, instead: string])[] = [
  ["hydra.job.chdir", (value) => value === true, "Start the program in the directory that you mean."],
  ["hydra.verbose", (value) => value !== false && value !== null && value !== undefined, LOG],
  ["hydra.job.env_set", hasKeys, "Set the variables before the program starts."],
  ["hydra.callbacks", hasKeys, "A plugin with hooks hears of what happens: docs/hooks.md."],
];

/** Refuses what Hydra would act on and this program does not. @throws EpiscopeError CLI_HYDRA_KEY_UNUSED */
export function refuseUnusedKeys(composition: Composition<unknown>): void {
  for (const [key, isSet, instead] of UNUSED) {
    if (isSet(composition.value(key))) throw hydraKeyUnused(key, instead);
  }
  for (const name of ["job_logging", "hydra_logging"]) {
    const choice = composition.choices.get(`hydra/${name}`);
    const changed = composition.overrides.hydra.some((text) =>
      text.replace(/^[+~]+/, "").startsWith(`hydra.${name}`),
    );
    if (changed || choice !== "default") throw hydraKeyUnused(`hydra.${name}`, LOG);
  }
}

function hasKeys(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}
