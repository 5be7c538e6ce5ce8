import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Composition } from "../compose/composition.js";
import { contextOf, withHydraNode } from "../compose/context.js";
import { ConfigRepository } from "../defaults/repository.js";
import { hydraStore } from "../hydra/hydra-defaults.js";
import type { ApplicationIo } from "../job/io.js";
import { createTree } from "../omegaconf/create.js";
import { decodeUtf8 } from "../source/decode-utf8.js";
import type { DictNode, RawValue } from "../tree/node.js";
import { parseYaml } from "../yaml/parse.js";
import type { ApplicationOptions } from "./application.js";
import { rerunNotFound } from "./errors.js";

/**
 * The config of a job that ran before, from the files that it left: `.hydra/config.yaml` and `.hydra/hydra.yaml`. `path` is the
 * job's directory, its `.hydra`, or a file in there.
 * @throws EpiscopeError RERUN_NOT_FOUND
 */
export function rerunComposition(path: string, options: ApplicationOptions, io: ApplicationIo): Composition {
  const place = resolve(io.cwd, path);
  for (const dir of [join(place, ".hydra"), place, dirname(place)]) {
    const config = readMapping(join(dir, "config.yaml"));
    const hydra = readMapping(join(dir, "hydra.yaml"));
    if (config !== undefined && hydra !== undefined) return recorded(config, hydra, options, io);
  }
  throw rerunNotFound(place);
}

type Mapping = ReadonlyMap<string, RawValue>;

function recorded(
  config: Mapping,
  hydra: Mapping,
  options: ApplicationOptions,
  io: ApplicationIo,
): Composition {
  const { resolvers, versionBase = "1.3" } = options;
  const own = contextOf({ env: io.env, now: io.now(), ...(resolvers === undefined ? {} : { resolvers }) });
  const context = withHydraNode(own, () => root);
  const root = createTree(new Map([...config, ...hydra]), { context }) as DictNode;
  return new Composition({
    build: () => root,
    plain: undefined,
    choices: new Map(),
    overrides: { hydra: [], task: [] },
    warnings: [],
    from: [],
    repository: new ConfigRepository([], { versionBase, store: hydraStore(versionBase) }),
  });
}

function readMapping(file: string): Mapping | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch {
    // Looked for in several places.
    return undefined;
  }
  const value = parseYaml(decodeUtf8(bytes, file), { file });
  return value instanceof Map ? (value as Mapping) : undefined;
}
