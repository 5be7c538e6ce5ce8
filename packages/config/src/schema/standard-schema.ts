/** A schema that speaks the Standard Schema (https://standardschema.dev): zod's, valibot's, arktype's and others'. */
export interface StandardSchema<Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>;
    readonly types?: { readonly input: Input; readonly output: unknown } | undefined;
  };
}

type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export function isStandardSchema(schema: object): schema is StandardSchema<unknown> {
  return "~standard" in schema;
}

/** The key of an issue, as the user types it; "" for the whole config. */
export function keyOfIssue({ path = [] }: StandardIssue): string {
  let key = "";
  for (const step of path) {
    const name = typeof step === "object" ? step.key : step;
    if (typeof name === "number") key += `[${name}]`;
    else key += key === "" ? String(name) : `.${String(name)}`;
  }
  return key;
}
