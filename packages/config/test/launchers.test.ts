import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, it } from "vitest";
import { describeLauncher } from "../src/testing.js";

const dir = realpathSync(mkdtempSync(join(tmpdir(), "launchers-")));
const program = join(dir, "program.mjs");

beforeAll(async () => {
  const built = await rolldown({
    input: fileURLToPath(new URL("fixtures/launchers.ts", import.meta.url)),
    platform: "node",
    resolve: { conditionNames: ["@episcope/source", "node", "import"] },
    logLevel: "silent",
  });
  await built.write({ format: "esm", file: program, codeSplitting: false });
  await built.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describeLauncher({ describe, it }, "in-process", { program, overrides: ["hydra/launcher=basic"] });
describeLauncher({ describe, it }, "pool", {
  program,
  overrides: ["hydra/launcher=pool", "hydra.launcher.n_jobs=3"],
});
