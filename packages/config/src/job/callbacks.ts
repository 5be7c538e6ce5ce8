import type { Composition } from "../compose/composition.js";
import { targetUnknown } from "./errors.js";
import type { JobReturn } from "./job.js";
import type { Logger } from "./logging.js";

/** What happens in an application. */
export interface RunEvent {
  /** The config of the run; of a sweep, the one that the sweep itself runs under. */
  readonly composition: Composition<unknown>;
  readonly configName: string | undefined;
}

export interface JobEvent {
  readonly composition: Composition<unknown>;
  /** Absolute path of the job's directory. */
  readonly outputDir: string;
  readonly logger: (name: string) => Logger;
}

export interface JobEndEvent extends JobEvent {
  readonly job: JobReturn;
}

/** What `hydra.callbacks` can name. Each is awaited; one that fails is told of and stops nothing. */
export interface Callback {
  onRunStart?(event: RunEvent): unknown;
  onRunEnd?(event: RunEvent & { readonly job: JobReturn }): unknown;
  onMultirunStart?(event: RunEvent): unknown;
  onMultirunEnd?(event: RunEvent): unknown;
  onJobStart?(event: JobEvent): unknown;
  onJobEnd?(event: JobEndEvent): unknown;
}

/** By `_target_`: makes a callback of the other keys of its node. */
export type CallbackFactories = ReadonlyMap<string, (options: Record<string, unknown>) => Callback>;

/** Hydra's own callback that writes what a job returned into its log. */
const LOG_JOB_RETURN = "hydra.experimental.callbacks.LogJobReturnCallback";

const BUILT_IN: CallbackFactories = new Map([
  [
    LOG_JOB_RETURN,
    (): Callback => ({
      onJobEnd({ job, logger }) {
        const log = logger(LOG_JOB_RETURN);
        if (job.status === "completed") log.info(`Succeeded with return value: ${shown(job.value)}`);
        else log.error("Status: %s. Error: %s", "JobStatus.FAILED", job.error);
      },
    }),
  ],
]);

function shown(value: unknown): string {
  return value === undefined || value === null ? "None" : String(value);
}

/** The `_target_`s of the callbacks that a program knows. */
export function knownCallbacks(own: CallbackFactories | undefined): ReadonlySet<string> {
  return new Set([...BUILT_IN.keys(), ...(own?.keys() ?? [])]);
}

/** The callbacks that a config names, in their order. */
export class Callbacks {
  readonly #callbacks: readonly (readonly [name: string, callback: Callback])[];
  readonly #warn: (text: string) => void;

  constructor(
    composition: Composition<unknown>,
    own: CallbackFactories | undefined,
    warn: (text: string) => void,
  ) {
    this.#warn = warn;
    const nodes = (composition.value("hydra.callbacks") ?? {}) as Record<
      string,
      Record<string, unknown> | null
    >;
    this.#callbacks = Object.entries(nodes).flatMap(([name, node]) => {
      if (node === null) return [];
      const { _target_: target, ...options } = node;
      const make = own?.get(String(target)) ?? BUILT_IN.get(String(target));
      if (make === undefined)
        throw targetUnknown(`hydra.callbacks.${name}`, target, [...knownCallbacks(own)]);
      return [[String(target), make(options)] as const];
    });
  }

  /** Tells all of the beginning of something, in order, or of its end, in reverse. */
  async notify<K extends keyof Callback>(
    event: K,
    data: Parameters<NonNullable<Callback[K]>>[0],
  ): Promise<void> {
    const order = event.endsWith("End") ? this.#callbacks.toReversed() : this.#callbacks;
    for (const [target, callback] of order) {
      try {
        await (callback[event] as ((data: unknown) => unknown) | undefined)?.call(callback, data);
      } catch (error) {
        const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        this.#warn(`Callback ${target.slice(target.lastIndexOf(".") + 1)}.${event} failed with ${text}`);
      }
    }
  }
}
