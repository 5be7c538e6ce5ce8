import type { ConfigKey } from "../scalar/values.js";
import type { Resolver, ResolverCall } from "../tree/context.js";
import { configError } from "../tree/errors.js";
import { parseElement } from "../tree/interpolation.js";
import { fullKey } from "../tree/keys.js";
import { contentOf, DictNode, ListNode, type RawValue, ValueNode } from "../tree/node.js";
import { formatRaw, isNode } from "../tree/repr.js";
import { treeRules } from "../tree/tree-rules.js";
import { select, selectNode } from "./access.js";
import { createTree } from "./create.js";
import { evaluate, startMemo } from "./evaluate.js";
import { formatTime } from "./time-format.js";

/** A default that no config can hold. */
const ABSENT = Symbol("absent");

function textArgument(call: ResolverCall, index: number, what: string): string {
  const value = call.args[index];
  if (typeof value !== "string")
    throw configError("CONFIG_KIND", `${what} must be text, not ${formatRaw(value)}`);
  return value;
}

const env: Resolver = {
  arity: { min: 1, max: 2 },
  resolve(call) {
    const name = textArgument(call, 0, "the name of an environment variable");
    const value = call.context.environment.get(name);
    if (value !== undefined) return value;
    if (call.args.length < 2) {
      throw configError("KEY_NOT_FOUND", `environment variable '${name}' not found`, {
        hint: `Set the variable, or give a default: \${oc.env:${name},default}.`,
        fields: { variable: name },
      });
    }
    const fallback = call.args[1];
    return fallback === null || fallback === undefined ? null : formatRaw(fallback);
  },
};

const decode: Resolver = {
  arity: { min: 1, max: 1 },
  resolve(call) {
    if (call.args[0] === null) return null;
    const text = textArgument(call, 0, "the argument of oc.decode");
    const value = evaluate(
      parseElement(text, treeRules(call.parent)),
      call.parent,
      call.node,
      startMemo(call.depth, undefined, call.work),
    );
    return isNode(value) ? contentOf(value) : value;
  },
};

const create: Resolver = {
  arity: { min: 1, max: 1 },
  resolve: (call) => createTree(call.args[0], { parent: call.parent }),
};

const selectResolver: Resolver = {
  arity: { min: 1, max: 2 },
  resolve(call) {
    const key = textArgument(call, 0, "the key of oc.select");
    const found = select(call.parent, key, {
      absolute: true,
      depth: call.depth,
      work: call.work,
      default: ABSENT as unknown as RawValue,
    });
    if ((found as unknown) !== ABSENT) return found;
    return call.args.length > 1 ? call.args[1] : null;
  },
};

const deprecated: Resolver = {
  arity: { min: 1, max: 2 },
  resolve(call) {
    const key = textArgument(call, 0, "the key of oc.deprecated");
    const message =
      call.args.length > 1
        ? textArgument(call, 1, "the message of oc.deprecated")
        : "'$OLD_KEY' is deprecated. Change your code and config to use '$NEW_KEY'";
    const oldKey = fullKey(call.node);
    const target = selectNode(call.parent, key, { absolute: true, depth: call.depth, work: call.work });
    if (target === undefined) {
      throw configError("KEY_NOT_FOUND", `in oc.deprecated at '${oldKey}': key not found: '${key}'`, {
        fields: { key },
      });
    }
    const newKey = fullKey(target);
    call.warn(
      message.replace(/\$(?:\{(OLD_KEY|NEW_KEY)\}|(OLD_KEY|NEW_KEY)\b|\$)/g, (match, braced, bare) => {
        const name = braced ?? bare;
        return name === undefined ? "$" : name === "OLD_KEY" ? oldKey : name === "NEW_KEY" ? newKey : match;
      }),
    );
    return target;
  },
};

function selectDict(call: ResolverCall, name: string): { dict: DictNode; key: string } {
  const key = textArgument(call, 0, `the argument of ${name}`);
  const found = select(call.parent, key, {
    absolute: true,
    throwOnMissing: true,
    depth: call.depth,
    work: call.work,
    default: ABSENT as unknown as RawValue,
  });
  if ((found as unknown) === ABSENT) {
    throw configError("KEY_NOT_FOUND", `key not found: '${key}'`, { fields: { key } });
  }
  if (!(found instanceof DictNode)) throw configError("CONFIG_KIND", `${name}: '${key}' is no dict`);
  return { dict: found, key };
}

const dictKeys: Resolver = {
  arity: { min: 1, max: 1 },
  resolve(call) {
    const { dict } = selectDict(call, "oc.dict.keys");
    return createTree(dict.keys(), { parent: call.parent });
  },
};

const dictValues: Resolver = {
  arity: { min: 1, max: 1 },
  resolve(call) {
    const { dict, key } = selectDict(call, "oc.dict.values");
    // The items are references; a relative one counts from inside the new list, hence the extra dot.
    const base = key.startsWith(".") ? `.${key}` : key;
    const list = new ListNode(undefined);
    dict.keys().forEach((k: ConfigKey, index) => {
      list.put(index, new ValueNode(`\${${base}.${formatRaw(k)}}`, index));
    });
    list.parent = call.parent;
    return list;
  },
};

const now: Resolver = {
  arity: { min: 1, max: 1 },
  cached: true,
  resolve(call) {
    const clock = call.context.now;
    if (clock === undefined) {
      throw configError("CONFIG_VALUE", "the time is not known here", {
        hint: "Pass `now` in the options of composing.",
      });
    }
    return formatTime(clock(), textArgument(call, 0, "the pattern of now"));
  },
};

/** The resolvers of OmegaConf, and Hydra's `now`. */
export const BUILT_IN_RESOLVERS: ReadonlyMap<string, Resolver> = new Map([
  ["oc.create", create],
  ["oc.decode", decode],
  ["oc.deprecated", deprecated],
  ["oc.env", env],
  ["oc.select", selectResolver],
  ["oc.dict.keys", dictKeys],
  ["oc.dict.values", dictValues],
  ["now", now],
]);
