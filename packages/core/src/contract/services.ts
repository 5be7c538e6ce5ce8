import type { EpisodeStartRecord, KeyStepReason, StepView } from "@episcope/records";
import type { CleanupPolicy, Clock, EpisodeManager, FileSystem } from "@episcope/records/store";
import type { InjectionToken } from "tsyringe";
import type { Logger } from "./plugin.js";
import type { Format, Renderer, RunIdentity, Sink } from "./roles.js";

/** The name of a service: what `serviceToken` gives, or a class. */
export type ServiceToken<T> = InjectionToken<T>;

/** Names a service: the same name gives the same token in every thread and in every copy of a package. */
export function serviceToken<T>(name: string): ServiceToken<T> {
  return Symbol.for(name);
}

/** Where services are asked for. */
export interface Services {
  /** Made when first asked for, one for the run; `make` is for one that nobody has. Throws SERVICE_UNKNOWN. */
  resolve<T>(token: ServiceToken<T>, make?: (services: Services) => T): T;
}

/** What a run reads and writes through. Default: `node:fs`. */
export const FILE_SYSTEM: ServiceToken<FileSystem> = serviceToken("episcope.file-system");
/** Default: the system's. */
export const CLOCK: ServiceToken<Clock> = serviceToken("episcope.clock");
/** Default: standard error, from `logging.log_level` on. */
export const LOGGER: ServiceToken<Logger> = serviceToken("episcope.logger");
/** Name, start, config and hash of the run. */
export const RUN_IDENTITY: ServiceToken<RunIdentity> = serviceToken("episcope.run-identity");
/** Names and makes the directories and loose files of a run. */
export const EPISODE_MANAGER: ServiceToken<EpisodeManager> = serviceToken("episcope.episode-manager");
/** Says which steps are key steps. Default: `KeyStepDetector` of `@episcope/records`. */
export const KEY_STEP_DETECTION: ServiceToken<KeyStepDetection> = serviceToken("episcope.key-step-detection");
/** Says which steps get a picture. Default: what `debug_level` and `step_pictures` ask for. */
export const STEP_TRIGGER: ServiceToken<StepTrigger> = serviceToken("episcope.step-trigger");

/** Tokens of the nodes; one that the program registered itself wins over the node's plugin. */
export const rendererToken = (name: string): ServiceToken<Renderer> =>
  Symbol.for(`episcope.renderer.${name}`);
export const sinkToken = (name: string): ServiceToken<Sink> => Symbol.for(`episcope.sink.${name}`);
export const formatToken = (name: string): ServiceToken<Format> => Symbol.for(`episcope.format.${name}`);
export const policyToken = (name: string): ServiceToken<CleanupPolicy> =>
  Symbol.for(`episcope.cleanup-policy.${name}`);

export interface KeyStepDetection {
  /** What finds the key steps of one episode; `initialSimilarity` is that of its first grid to the target, null without one. */
  forEpisode(start: EpisodeStartRecord, initialSimilarity: number | null): EpisodeKeySteps;
}

export interface EpisodeKeySteps {
  /** Called once for each step, in order. Empty for an ordinary step. */
  reasons(view: StepView): readonly KeyStepReason[];
}

export interface StepTrigger {
  /** Called once for each step, in order; the hook `draw` has the last word. */
  draws(view: StepView): boolean;
}

/** How a message names a service. */
export function serviceName(token: ServiceToken<unknown>): string {
  if (typeof token === "symbol") return token.description ?? String(token);
  if (typeof token === "string") return token;
  return (token as { name?: string }).name ?? String(token);
}
