import { select } from "../omegaconf/access.js";
import type { Resolver } from "../tree/context.js";
import { configError } from "../tree/errors.js";
import { type DictNode, isContainer } from "../tree/node.js";

/** `${hydra:KEY}`: a value of Hydra's node; without a root there is none, as outside of an application. */
export function hydraResolver(root: (() => DictNode | undefined) | undefined): Resolver {
  return {
    arity: { min: 1, max: 1 },
    resolve: ({ args, depth }) => {
      const node = root?.()?.peek("hydra");
      if (node === undefined || !isContainer(node)) {
        throw configError("CONFIG_VALUE", "Hydra's node is not set here", {
          hint: "Use it inside an application, or compose with hydraConfig: true.",
        });
      }
      return select(node, String(args[0]), { depth });
    },
  };
}
