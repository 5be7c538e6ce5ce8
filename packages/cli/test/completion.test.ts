import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { childEnvironment } from "@episcope/testing/child-environment";
import { describe, expect, it } from "vitest";
import { createWorld } from "./fixtures/world.js";

const BIN = join(import.meta.dirname, "../bin/episcope.js");

async function completed(line: string): Promise<string[]> {
  const world = createWorld({ env: { COMP_LINE: line, COMP_POINT: String(line.length) } });
  const { status, out, messages } = await world.run("-sc", "query=bash");
  expect([status, messages]).toEqual([0, ""]);
  return out.split("\n").slice(0, -1);
}

describe("completion of the program", () => {
  it.each([
    ["episcope re", ["record", "recover", "render", "replay", "report", "rerun", "resume"]],
    ["episcope play sto", ["storage.", "storage="]],
    ["episcope play storage=re", ["storage=research"]],
    ["episcope play -m ++visualization.debug", ["++visualization.debug_level="]],
    ["episcope play visualization.debug_level=m", ["visualization.debug_level=minimal"]],
    ["episcope play logging.comp", ["logging.compression="]],
    ["episcope config logging.compression=", ["logging.compression=false", "logging.compression=true"]],
    ["episcope play see", ["seed="]],
    ["episcope record see", []],
    ["episcope record inp", ["input="]],
    ["episcope replay run visualization=debug_f", ["visualization=debug_full"]],
    ["episcope play --on", ["--on-error"]],
    ["episcope play hydra/job_logging=st", ["hydra/job_logging=stdout"]],
    ["episcope verify sto", []],
    ["episcope nothing a", []],
  ])("%j", async (line, expected) => {
    expect(await completed(line)).toEqual(expected);
  });

  it("of a shell that there is not is refused: COMPLETION_SHELL", async () => {
    for (const words of [["install=tcsh"], ["nothing"], []]) {
      const { status, messages } = await createWorld().run("--shell-completion", ...words);
      expect([status, messages]).toEqual([2, expect.stringContaining("COMPLETION_SHELL")]);
    }
  });

  it("works in a real bash", () => {
    const typed = (line: string) =>
      `COMP_LINE="${line}"; COMP_POINT=\${#COMP_LINE}; _episcope_completion; echo "\${COMPREPLY[*]}"`;
    const text = [
      `eval "$(${process.execPath} ${BIN} -sc install=bash)"`,
      typed("episcope sh"),
      typed("episcope play seed=1 agent=x visualization=debug_o"),
      "complete -p episcope",
    ].join("\n");
    const { stdout, stderr } = spawnSync("bash", ["-c", text], { encoding: "utf8", env: childEnvironment() });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^show\ndebug_off\ncomplete .*_episcope_completion episcope\n$/);
  });

  it("loads no verb, only what completes and what its errors need", () => {
    const packages = new Set<string>();
    const files = new Set<string>();
    const visit = (file: string): void => {
      if (files.has(file)) return;
      files.add(file);
      for (const [, name] of readFileSync(file, "utf8").matchAll(/^(?:import|export)[^"]*"([^"]+)";$/gm)) {
        if (name!.startsWith(".")) visit(join(dirname(file), name!));
        else if (!name!.startsWith("node:")) packages.add(name!);
      }
    };
    visit(join(BIN, "../../dist/program/complete.js"));
    visit(join(BIN, "../../dist/terminal/io.js"));
    visit(join(BIN, "../../../config/dist/completion.js"));
    expect([...packages].sort()).toEqual([
      "@episcope/config/completion",
      "@episcope/errors",
      "fastest-levenshtein",
    ]);
  });
});
