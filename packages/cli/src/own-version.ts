import { createRequire } from "node:module";

/** The version in package.json, which is one folder above the sources and above the build. */
export function ownVersion(): string {
  return (createRequire(import.meta.url)("../package.json") as { version: string }).version;
}
