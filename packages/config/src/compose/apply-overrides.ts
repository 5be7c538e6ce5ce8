import { EpiscopeError } from "@episcope/errors";
import { CompositionError } from "../defaults/errors.js";
import { locateNode, select, selectNode } from "../omegaconf/access.js";
import { appendItem } from "../omegaconf/assign.js";
import { deleteItem, update } from "../omegaconf/change.js";
import { toData } from "../omegaconf/output.js";
import { resolveAll } from "../omegaconf/resolve-all.js";
import type { Override } from "../override/override.js";
import type { ConfigKey } from "../scalar/values.js";
import { ConfigError } from "../tree/errors.js";
import {
  type ContainerNode,
  cloneNode,
  contentOf,
  DictNode,
  isContainer,
  ListNode,
  type RawValue,
  withFlags,
} from "../tree/node.js";
import type { Origin } from "../tree/origin.js";
import type { Rules } from "../version/rules.js";
import {
  additionExists,
  deletionNotFound,
  deletionOtherValue,
  extensionOfNoList,
  overrideFailed,
  overrideNotGroup,
  overrideUnknownKey,
} from "./errors.js";
import { overrideData } from "./override-data.js";
import { sameValue } from "./same-value.js";

interface ApplyOptions {
  /** Where each override came from. */
  readonly originOf: (override: Override) => Origin;
  /** Config groups there are, for suggestions. */
  readonly groups: () => readonly string[];
  readonly rules: Rules;
}

/**
 * Applies the overrides of keys to a composed config, in order. Problems that do not depend on each other are
 * gathered: the caller throws them together.
 */
export function applyOverrides(
  root: DictNode,
  overrides: readonly Override[],
  options: ApplyOptions,
): readonly EpiscopeError[] {
  const problems: EpiscopeError[] = [];
  for (const override of overrides) {
    try {
      if (override.package !== undefined) {
        throw overrideNotGroup(override.text, override.keyOrGroup, options.groups());
      }
      apply(root, override, options.originOf(override), options.rules);
    } catch (error) {
      if (!(error instanceof EpiscopeError)) throw error;
      problems.push(
        error instanceof CompositionError ? error : overrideFailed(override.text, override.keyOrGroup, error),
      );
    }
  }
  return problems;
}

function apply(root: DictNode, override: Override, origin: Origin, rules: Rules): void {
  const { keyOrGroup: key, text } = override;
  const value = overrideData(override.value);
  switch (override.type) {
    case "DEL":
      if (rules.deletesNodes) removeNode(root, override, value);
      else remove(root, override, value);
      return;
    case "EXTEND_LIST": {
      const list = select(root, key, { throwOnMissing: true });
      if (!(list instanceof ListNode)) throw extensionOfNoList(text, key);
      for (const item of value as readonly RawValue[]) {
        appendItem(list, item);
        list.items.at(-1)!.origin = origin;
      }
      return;
    }
    case "ADD": {
      const isContainerValue = value instanceof Map || Array.isArray(value);
      // Looked up whatever the value is: an interpolation on the way that leads nowhere is an error, as in Hydra.
      const present = select(root, key);
      if (present !== null && !isContainerValue) throw additionExists(text, key);
      update(root, key, value, { merge: true, forceAdd: true, origin });
      return;
    }
    case "FORCE_ADD":
      update(root, key, value, { merge: true, forceAdd: true, origin });
      return;
    case "CHANGE":
      try {
        update(root, key, value, { merge: true, origin });
      } catch (error) {
        if (!isUnknownKey(error)) throw error;
        const missing = unknownKeyOf(error, key);
        throw overrideUnknownKey(
          { override: text, key: missing, siblings: siblingsOf(root, missing) },
          error,
        );
      }
  }
}

function isUnknownKey(error: unknown): boolean {
  return error instanceof ConfigError && (error.code === "KEY_NOT_ALLOWED" || error.code === "KEY_NOT_FOUND");
}

function remove(root: DictNode, override: Override, value: RawValue): void {
  const { keyOrGroup: key, text } = override;
  const present = select(root, key);
  if (present === null || present === undefined) throw deletionNotFound(text, key);
  if (value !== null && !sameValue(dataOf(present), value)) throw deletionOtherValue(text, key);
  const dot = key.lastIndexOf(".");
  withFlags(root, { struct: false }, () => {
    const parent = dot === -1 ? root : selectNode(root, key.slice(0, dot));
    const last = key.slice(dot + 1);
    if (parent === undefined || !isContainer(parent)) throw deletionNotFound(text, key);
    deleteItem(parent, parent instanceof ListNode ? last : last);
  });
}

/** Deletes the node that the key leads to, whatever it holds; with a value only where it holds that. */
function removeNode(root: DictNode, override: Override, value: RawValue): void {
  const { keyOrGroup: key, text } = override;
  const found = locateNode(root, key);
  if (found === undefined) throw deletionNotFound(text, key);
  if (override.valueType !== undefined) {
    const content = contentOf(found.node);
    const present = isContainer(content) ? resolvedCopy(content) : content;
    if (!sameValue(present, value)) throw deletionOtherValue(text, key);
  }
  withFlags(root, { struct: false }, () => deleteItem(found.parent, found.key));
}

function resolvedCopy(container: ContainerNode): RawValue {
  const copy = cloneNode(container) as ContainerNode;
  copy.parent = container.parent;
  resolveAll(copy);
  return toData(copy) as RawValue;
}

function dataOf(value: RawValue): RawValue {
  return isContainer(value) ? (toData(value, { resolve: true }) as RawValue) : value;
}

/** The key that is not there: with a mapping as value it may be one inside of it. */
function unknownKeyOf(error: unknown, key: string): string {
  const named = (error as ConfigError).fields["key"];
  return typeof named === "string" && named.startsWith(`${key}.`) ? named : key;
}

/** The keys beside an unknown one. */
function siblingsOf(root: ContainerNode, key: string): readonly ConfigKey[] {
  const steps = key.split(".");
  let current: ContainerNode = root;
  for (const step of steps.slice(0, -1)) {
    if (!(current instanceof DictNode)) return [];
    const next = current.peek(step);
    if (next === undefined || !isContainer(next) || contentOf(next) !== next) break;
    current = next;
  }
  return current instanceof DictNode ? current.keys() : [];
}
