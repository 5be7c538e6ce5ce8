import { readFileSync } from "node:fs";
import type { Resolver } from "../tree/context.js";
import { configError } from "../tree/errors.js";

export interface SecretResolverOptions {
  /** Where names are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: that of `node:fs`. */
  readonly readFile?: (path: string) => string;
  /** Hears of every secret that is read, so that a program can keep it out of its messages. */
  readonly onSecret?: (secret: string) => void;
}

/**
 * The resolver of `${secret:NAME}`: the environment variable NAME, or else the content of the file that the variable
 * NAME_FILE names, without the line feed at its end. Its values stand in no saved config. Throws SECRET_MISSING, which names
 * the variables and no value.
 */
export function secretResolver({
  env,
  readFile = (path) => readFileSync(path, "utf8"),
  onSecret,
}: SecretResolverOptions): Resolver {
  return {
    arity: { min: 1, max: 1 },
    secret: true,
    resolve({ args }) {
      const name = String(args[0]);
      const secret = env[name] ?? fromFile(name, env[`${name}_FILE`], readFile);
      if (secret !== "") onSecret?.(secret);
      return secret;
    },
  };
}

function fromFile(name: string, file: string | undefined, readFile: (path: string) => string): string {
  if (file === undefined || file === "") {
    throw configError("SECRET_MISSING", `the secret '${name}' is not there`, {
      hint: `Set the environment variable ${name}, or ${name}_FILE to the path of a file that holds it.`,
      fields: { variable: name },
    });
  }
  try {
    return readFile(file).replace(/\r?\n$/, "");
  } catch (cause) {
    throw configError(
      "SECRET_MISSING",
      `the secret '${name}' cannot be read from the file that ${name}_FILE names: ${(cause as Error).message}`,
      { hint: `Check the path in ${name}_FILE.`, fields: { variable: name }, cause },
    );
  }
}
