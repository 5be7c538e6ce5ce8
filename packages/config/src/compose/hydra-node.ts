import { EpiscopeError } from "@episcope/errors";
import type { DefaultsList } from "../defaults/defaults-list.js";
import { type ConfigRepository, STORE_SOURCE } from "../defaults/repository.js";
import { CONFIG_SOURCE_INFO } from "../hydra/node-schema.js";
import { select, selectNode } from "../omegaconf/access.js";
import { appendItem, makeStruct, setItem } from "../omegaconf/assign.js";
import { update } from "../omegaconf/change.js";
import { contains } from "../omegaconf/contains.js";
import { toData } from "../omegaconf/output.js";
import { isHydraOverride, type Override } from "../override/override.js";
import type { ConfigSource } from "../source/config-source.js";
import { type DictNode, isContainer, ListNode, type RawValue, withFlags } from "../tree/node.js";
import type { Origin } from "../tree/origin.js";
import { ANY } from "../tree/types.js";
import { environmentMissing, hydraNodeChanged } from "./errors.js";
import { byCodePoint } from "./override-dirname.js";

/** The version of Hydra whose rules are followed. */
export const HYDRA_VERSION: string = "1.3.8";

export const HYDRA_VERSIONS: Readonly<Record<"1.3" | "1.4", string>> = {
  "1.3": HYDRA_VERSION,
  "1.4": "1.4.0rc3",
};

const ORIGIN: Origin = { kind: "program", what: "compose" };

interface HydraNodeOptions {
  readonly root: DictNode;
  readonly list: DefaultsList;
  readonly repository: ConfigRepository;
  readonly overrides: readonly Override[];
  readonly name: string | undefined;
  readonly jobName: string;
  readonly jobNumber: number | undefined;
  readonly cwd: string;
  readonly environment: ReadonlyMap<string, string>;
}

/** Fills in what only composing knows: overrides, choices, sources, the name of the job. */
export function fillHydraNode(options: HydraNodeOptions): void {
  const { root, list, repository, overrides, environment } = options;
  const set = (key: string, value: RawValue): void => {
    try {
      update(root, `hydra.${key}`, value, { merge: false, origin: ORIGIN });
    } catch (error) {
      throw error instanceof EpiscopeError ? hydraNodeChanged(`hydra.${key}`, error) : error;
    }
  };
  append(root, "hydra.overrides.hydra", overrides.filter(isHydraOverride));
  append(
    root,
    "hydra.overrides.task",
    overrides.filter((override) => !isHydraOverride(override)),
  );
  const hydra = selectNode(root, "hydra") as DictNode;
  withFlags(hydra, { struct: false }, () => {
    for (const [key, option] of list.choices) setChild(root, "hydra.runtime.choices", key, option);
    for (const name of textsOf(select(root, "hydra.job.env_copy"))) {
      const value = environment.get(name);
      if (value === undefined) throw environmentMissing(name);
      setChild(root, "hydra.job.env_set", name, value);
    }
  });
  set("runtime.version", HYDRA_VERSIONS[repository.rules.hydra]);
  set("runtime.version_base", repository.versionBase);
  set("runtime.cwd", options.cwd);
  set("runtime.config_sources", [...repository.sources, STORE_SOURCE].map(sourceInfo));
  const job = selectNode(root, "hydra.job");
  if (job !== undefined && isContainer(job) && !contains(job, "name")) set("job.name", options.jobName);
  // Since 1.4 a resolver makes it when it is asked for.
  if (repository.rules.hydra === "1.3") set("job.override_dirname", overrideDirname(root, overrides));
  set("job.config_name", options.name ?? null);
  if (options.jobNumber !== undefined) {
    set("job.id", options.jobNumber);
    set("job.num", options.jobNumber);
  }
}

function sourceInfo(source: ConfigSource): DictNode {
  const info = makeStruct(CONFIG_SOURCE_INFO, ANY, undefined, undefined);
  setItem(info, "path", source.path);
  setItem(info, "schema", source.scheme);
  setItem(info, "provider", source.provider ?? "main");
  return info;
}

function append(root: DictNode, key: string, overrides: readonly Override[]): void {
  if (overrides.length === 0) return;
  const target = selectNode(root, key);
  if (!(target instanceof ListNode)) throw hydraNodeChanged(key, undefined);
  for (const { text } of overrides) appendItem(target, text);
}

function setChild(root: DictNode, key: string, child: string, value: RawValue): void {
  const target = selectNode(root, key);
  if (target === undefined || !isContainer(target)) throw hydraNodeChanged(key, undefined);
  setItem(target, child, value);
}

function textsOf(value: RawValue): readonly string[] {
  const data = isContainer(value) ? toData(value, { resolve: true }) : value;
  return Array.isArray(data) ? data.map(String) : [];
}

/** The overrides of the job as one text that can be part of a folder's name. */
function overrideDirname(root: DictNode, overrides: readonly Override[]): string {
  const setting = (name: string): RawValue => select(root, `hydra.job.config.override_dirname.${name}`);
  const excluded = new Set(textsOf(setting("exclude_keys")));
  const lines = overrides
    .filter((override) => !isHydraOverride(override) && !excluded.has(override.keyOrGroup))
    .map(({ text }) => text)
    .sort(byCodePoint);
  return lines.join(String(setting("item_sep") ?? "")).replaceAll("=", () => String(setting("kv_sep") ?? ""));
}
