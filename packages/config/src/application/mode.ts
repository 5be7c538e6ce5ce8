import { EpiscopeError } from "@episcope/errors";
import { composeSync } from "../compose/compose.js";
import { overrideData } from "../compose/override-data.js";
import { openSession } from "../compose/session.js";
import { checkSweeps } from "../compose/sweep-rules.js";
import { select } from "../omegaconf/access.js";
import { createTree } from "../omegaconf/create.js";
import type { Override } from "../override/override.js";
import { readConfigValue } from "../source/read-config.js";
import type { RawValue } from "../tree/node.js";
import { rulesOf } from "../version/rules.js";
import type { Application, Overrides } from "./application.js";
import { modeChanged } from "./errors.js";
import type { HydraFlags } from "./flags.js";

/** Whether an application runs once or sweeps. */
export interface Mode {
  readonly multirun: boolean;
  /** The override that tells the config so. */
  readonly add: string | undefined;
}

/** What the flags say, or `hydra.mode`. @throws EpiscopeError HYDRA_MODE_CHANGED by the rules of 1.4 */
export function modeOf(application: Application, overrides: Overrides, flags: HydraFlags): Mode {
  const asked = flags.multirun === true;
  const composed = composedMode(application, overrides);
  if (!rulesOf(application.options.versionBase).modeBeforeComposing) {
    const add = asked ? "hydra.mode=MULTIRUN" : "hydra.mode=RUN";
    return decide(application, asked, composed ?? null, add);
  }
  const stated = statedMode(application, overrides);
  const meant = stated ?? "RUN";
  if (!asked && composed !== undefined && composed !== null && composed !== meant)
    throw modeChanged(stated, composed);
  return decide(application, asked, stated, asked ? "hydra.mode=MULTIRUN" : undefined);
}

function decide({ io }: Application, asked: boolean, mode: unknown, add: string | undefined): Mode {
  if (mode === null) return { multirun: asked, add };
  if (asked && mode === "RUN") {
    io.err("UserWarning: Running Hydra app with --multirun, overriding with `hydra.mode=MULTIRUN`.\n");
    return { multirun: true, add: "hydra.mode=MULTIRUN" };
  }
  return { multirun: mode === "MULTIRUN", add: undefined };
}

/** `hydra.mode` of the composed config; undefined where it does not compose. */
function composedMode(application: Application, overrides: Overrides): unknown {
  try {
    const options = application.composeOptions(overrides);
    return composeSync({ ...options, mode: "multirun", validateSweeps: false }).value("hydra.mode") ?? null;
  } catch (error) {
    // What is wrong with the config is told of when it is composed to run.
    if (!(error instanceof EpiscopeError)) throw error;
    return undefined;
  }
}

/** What the command line says, or the primary config by itself; null where neither does. */
function statedMode(application: Application, inputs: Overrides): unknown {
  const { overrides } = openSession(application.composeOptions(inputs));
  checkSweeps(
    overrides.filter(({ keyOrGroup }) => keyOrGroup === "hydra.mode"),
    "multirun",
  );
  const said = overrides.map(modeIn).filter((mode) => mode !== undefined);
  return said.length > 0 ? said.at(-1) : primaryMode(application);
}

function modeIn({ keyOrGroup, value, type }: Override): unknown {
  if (keyOrGroup === "hydra.mode") return type === "DEL" ? null : overrideData(value);
  const node = keyOrGroup === "hydra" ? overrideData(value) : undefined;
  return node instanceof Map ? (node as ReadonlyMap<unknown, unknown>).get("mode") : undefined;
}

function primaryMode({ configName, sources, options }: Application): unknown {
  const file = configName === undefined ? undefined : `${configName.replace(/\.yaml$/, "")}.yaml`;
  if (file === undefined) return null;
  for (const source of sources) {
    const text = source.read(file);
    if (text === undefined) continue;
    try {
      const tree = createTree(readConfigValue(text, options.versionBase ?? "1.3") as RawValue);
      return select(tree, "hydra.mode") ?? null;
    } catch (error) {
      if (!(error instanceof EpiscopeError)) throw error;
      return null;
    }
  }
  return null;
}
