// Copies the preset tree into core's build, from where a published core serves it as pkg://episcope/conf.
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("../../conf/", import.meta.url));
const to = fileURLToPath(new URL("../../packages/core/dist/conf/", import.meta.url));
rmSync(to, { recursive: true, force: true });
cpSync(from, to, { recursive: true });
