import "reflect-metadata";
import type { CleanupPolicy, Clock, FileSystem } from "@episcope/records/store";
import { type DependencyContainer, type InjectionToken, container as root } from "tsyringe";
import type { Logger } from "../contract/plugin.js";
import type { Format, Renderer, Sink } from "../contract/roles.js";

/** What a program may replace in the container that it gives to `openRun`. */
export const FILE_SYSTEM: InjectionToken<FileSystem> = Symbol.for("episcope.file-system");
export const CLOCK: InjectionToken<Clock> = Symbol.for("episcope.clock");
export const LOGGER: InjectionToken<Logger> = Symbol.for("episcope.logger");

/** Tokens of the nodes; one that the program registered itself wins over the node's plugin. */
export const rendererToken = (name: string): InjectionToken<Renderer> =>
  Symbol.for(`episcope.renderer.${name}`);
export const sinkToken = (name: string): InjectionToken<Sink> => Symbol.for(`episcope.sink.${name}`);
export const formatToken = (name: string): InjectionToken<Format> => Symbol.for(`episcope.format.${name}`);
export const policyToken = (name: string): InjectionToken<CleanupPolicy> =>
  Symbol.for(`episcope.cleanup-policy.${name}`);

export type { DependencyContainer, InjectionToken } from "tsyringe";

/** The container of one run: a child of the program's, so that nothing of a run outlives it. */
export class RunContainer {
  readonly #container: DependencyContainer;

  constructor(parent: DependencyContainer | undefined) {
    this.#container = (parent ?? root).createChildContainer();
  }

  /** Registers a value unless the program has registered one under this token. */
  provide<T>(token: InjectionToken<T>, value: T): T {
    if (!this.has(token)) this.#container.register(token, { useValue: value });
    return this.resolve(token);
  }

  has(token: InjectionToken<unknown>): boolean {
    return this.#container.isRegistered(token, true);
  }

  resolve<T>(token: InjectionToken<T>): T {
    return this.#container.resolve(token);
  }

  /** Drops the registrations; closing what they hold is the pipeline's. */
  clear(): void {
    this.#container.clearInstances();
  }
}

/** A container to register replacements in before `openRun`. */
export function createContainer(): DependencyContainer {
  return root.createChildContainer();
}
