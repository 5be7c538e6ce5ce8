import { fileURLToPath } from "node:url";

/** Absolute path of the folder of the tasks that come with the package. */
export function sampleTaskDirectory(): string {
  return fileURLToPath(new URL("../../tasks/", import.meta.url));
}
