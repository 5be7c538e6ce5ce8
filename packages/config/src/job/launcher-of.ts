import type { Composition } from "../compose/composition.js";
import { targetUnknown } from "./errors.js";
import { BASIC_LAUNCHER, basicLauncher, type Launcher, type LauncherFactories } from "./launcher.js";
import { POOL_LAUNCHER, poolLauncher } from "./pool-launcher.js";

/**
 * The launcher that `hydra.launcher` of a sweep's config names: one of `own`, the basic one, or the pool.
 * @throws EpiscopeError where nobody knows its `_target_`, or POOL_SIZE
 */
export function launcherOf(master: Composition<unknown>, own?: LauncherFactories): Launcher {
  const node = (master.value("hydra.launcher") ?? {}) as Record<string, unknown>;
  const { _target_: target, ...options } = node;
  const make = own?.get(String(target));
  if (make !== undefined) return make(options);
  if (target === BASIC_LAUNCHER) return basicLauncher;
  if (target === POOL_LAUNCHER) return poolLauncher(options);
  throw targetUnknown("hydra.launcher", target, [BASIC_LAUNCHER, POOL_LAUNCHER, ...(own?.keys() ?? [])]);
}
