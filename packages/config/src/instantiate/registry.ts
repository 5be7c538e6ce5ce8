/**
 * What a registered entry is called with: the other keys of the node, an object without prototype, and the positional
 * arguments of `_args_` or of the call.
 */
// biome-ignore lint/suspicious/noExplicitAny: an entry says itself which options it takes
export type Factory = (options: any, args: readonly any[]) => unknown;

/** A class: `new` is called with what a factory is called with. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type RegisteredClass = new (options: any, args: readonly any[]) => unknown;

export type RegistryEntry = Factory | RegisteredClass;

/**
 * The entries that configs may name in `_target_`, as an object or a map. Names are looked up whole, never taken apart.
 * Of an object that is written out the types know the names and what they make.
 */
export type Registry = ReadonlyMap<string, RegistryEntry> | Readonly<Record<string, RegistryEntry>>;

type TargetOf<C> = C extends { readonly _target_: infer N extends string } ? N : string;

type Made<E> = E extends new (
  // biome-ignore lint/suspicious/noExplicitAny: any arguments
  ...args: any[]
) => infer T
  ? T
  : // biome-ignore lint/suspicious/noExplicitAny: any arguments
    E extends (...args: any[]) => infer T
    ? T
    : unknown;

/** What instantiating a config of this type gives, as far as the types say: the registry, and a literal `_target_`. */
export type Instance<R extends Registry, C> =
  R extends ReadonlyMap<string, RegistryEntry>
    ? unknown
    : string extends TargetOf<C>
      ? unknown
      : TargetOf<C> extends keyof R
        ? Made<R[TargetOf<C>]>
        : never;

/** Refuses a literal `_target_` that the registry does not have. */
export type KnownTarget<R extends Registry, C> =
  R extends ReadonlyMap<string, RegistryEntry>
    ? unknown
    : string extends TargetOf<C>
      ? unknown
      : TargetOf<C> extends keyof R
        ? unknown
        : { readonly _target_: Extract<keyof R, string> };

/** The names and a lookup that finds own entries only. */
export class Entries {
  readonly #entries: Registry;

  constructor(entries: Registry) {
    this.#entries = entries;
  }

  get names(): string[] {
    return this.#entries instanceof Map ? [...this.#entries.keys()] : Object.keys(this.#entries);
  }

  /** Calls, or constructs, an entry; undefined where there is none. */
  find(name: string): ((options: object, args: readonly unknown[]) => unknown) | undefined {
    const entry = this.#entry(name);
    if (entry === undefined) return undefined;
    if (isClass(entry)) return (options, args) => new entry(options, args);
    return (options, args) => (entry as Factory)(options, args);
  }

  #entry(name: string): RegistryEntry | undefined {
    if (this.#entries instanceof Map) return this.#entries.get(name);
    const entries = this.#entries as Readonly<Record<string, RegistryEntry>>;
    return Object.hasOwn(entries, name) ? entries[name] : undefined;
  }
}

/** Only the `prototype` of a class cannot be replaced. */
function isClass(entry: RegistryEntry): entry is RegisteredClass {
  return Object.getOwnPropertyDescriptor(entry, "prototype")?.writable === false;
}
