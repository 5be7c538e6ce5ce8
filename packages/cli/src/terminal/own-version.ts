import { createRequire } from "node:module";

/** The version in package.json, which is two folders above the sources and above the build alike. */
export function ownVersion(): string {
  return (createRequire(import.meta.url)("../../package.json") as { version: string }).version;
}
