import { type ContainerNode, flag, setFlags, type TreeFlags } from "../tree/node.js";

/**
 * Runs something while new keys may be added below a node, as `open_dict` of OmegaConf does. Where it returns a promise the node
 * stays open until that is settled.
 */
export function openDict<R>(node: ContainerNode, run: () => R): R {
  return during(node, { struct: false }, run);
}

/** Runs something while a node that is readonly may be changed, as `read_write` of OmegaConf does; a promise as in `openDict`. */
export function readWrite<R>(node: ContainerNode, run: () => R): R {
  return during(node, { readonly: false }, run);
}

/** Whether unknown keys are refused below a node; undefined asks its parent. As `OmegaConf.set_struct`. */
export function setStruct(node: ContainerNode, value: boolean | undefined): void {
  setFlags(node, { struct: value });
}

/** Whether every change below a node is refused; undefined asks its parent. As `OmegaConf.set_readonly`. */
export function setReadonly(node: ContainerNode, value: boolean | undefined): void {
  setFlags(node, { readonly: value });
}

/** As inherited. */
export function isStruct(node: ContainerNode): boolean {
  return flag(node, "struct") === true;
}

/** As inherited. */
export function isReadonly(node: ContainerNode): boolean {
  return flag(node, "readonly") === true;
}

function during<R>(node: ContainerNode, flags: TreeFlags, run: () => R): R {
  const { struct, readonly } = node;
  const restore = (): void => {
    if ("struct" in flags) node.struct = struct;
    if ("readonly" in flags) node.readonly = readonly;
  };
  setFlags(node, flags);
  let result: R;
  try {
    result = run();
  } catch (error) {
    restore();
    throw error;
  }
  if (result instanceof Promise) return result.finally(restore) as R;
  restore();
  return result;
}
