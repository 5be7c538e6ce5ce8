import { type DefaultsList, resolveDefaultsList } from "../defaults/defaults-list.js";
import { openSession, type SessionOptions } from "./session.js";

export interface ListDefaultsOptions extends SessionOptions {
  readonly name?: string | undefined;
  /** Whether Hydra's own config is composed too, as in an application. Default: true. */
  readonly prependHydra?: boolean;
  /** Whether missing choices (`???`) are skipped, as before a sweep. Default: false. */
  readonly skipMissing?: boolean;
}

/** The configs that `compose` would compose, in order, without composing them. */
export function listDefaults(options: ListDefaultsOptions): DefaultsList {
  const { repository, overrides } = openSession(options);
  return resolveDefaultsList({
    repository,
    overrides,
    name: options.name,
    prependHydra: options.prependHydra ?? true,
    skipMissing: options.skipMissing ?? false,
  });
}
