import type { Resolver } from "../tree/context.js";
import { configError } from "../tree/errors.js";
import { fromPlain } from "./from-plain.js";
import { plainValue } from "./output.js";

/**
 * A resolver as a plain function: called with plain arguments (numbers, texts, booleans, null, arrays, objects), it
 * returns plain data.
 */
// biome-ignore lint/suspicious/noExplicitAny: a function says itself which arguments it takes
export type ResolverFunction = (...args: any[]) => unknown;

/** Resolvers by name, as a map or an object. */
export type Resolvers =
  | ReadonlyMap<string, Resolver | ResolverFunction>
  | Readonly<Record<string, Resolver | ResolverFunction>>;

export function resolverEntries(resolvers: Resolvers | undefined): [string, Resolver][] {
  const entries = resolvers instanceof Map ? [...resolvers] : Object.entries(resolvers ?? {});
  return entries.map(([name, entry]) => [
    name,
    typeof entry === "function" ? fromFunction(name, entry) : entry,
  ]);
}

function fromFunction(name: string, run: ResolverFunction): Resolver {
  return {
    resolve: ({ args }) => {
      const result = run(...args.map(plainValue));
      if (isPromise(result)) throw promiseRefused(name);
      return fromPlain(result);
    },
  };
}

function isPromise(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function"
  );
}

function promiseRefused(name: string): Error {
  return configError("VALUE_UNSUPPORTED", `the resolver '${name}' returns a promise`, {
    hint: "Composing waits for nothing: fetch the value before, and give the resolver what was fetched.",
  });
}
