import { describe, expect, it } from "vitest";
import { composeSync, memorySource, planSweep } from "../src/index.js";

function jobs(params: string): string[] {
  const text = `y: 7\nm: ???\nx: 0\nhydra:\n  sweeper:\n    params:\n      ${params}\n`;
  const source = memorySource({ "config.yaml": text });
  const { batches } = planSweep({ source, name: "config", now: new Date(0) });
  return batches.flatMap((batch) => batch.jobs.map((job) => job.overrides.join(" ")));
}

describe("hydra.sweeper.params", () => {
  // Recorded from Hydra 1.3.8.
  it.each([
    ["a text with commas is a sweep", "x: 1,2", ["x=1", "x=2"]],
    ["a list is one value", "x: [1, 2]", ["x=[1,2]"]],
    ["a list of lists is one value", "x: [[1, 2], 3]", ["x=[[1,2],3]"]],
    ["a comma inside of a list's text is part of it", "x: ['a,b']", ["x=['a,b']"]],
    ["texts with blanks are quoted", "x: [a, b c]", ["x=['a','b c']"]],
    ["booleans are Python's", "x: [true]", ["x=[True]"]],
    ["null in a list is Python's", "x: [1.0, null]", ["x=[1.0,None]"]],
    ["a single quote gets double quotes around it", `x: ["it's"]`, [`x=["it's"]`]],
    ["interpolations are resolved", "x: ['${y}', 2]", ["x=[7,2]"]],
    ["no text at all", "x: ''", ["x="]],
  ])("%s", (_, params, expected) => {
    expect(jobs(params)).toEqual(expected);
  });

  it.each([
    ["a missing value", "x: ???", "VALUE_MISSING"],
    ["a missing value in a list", "x: ['???']", "VALUE_MISSING"],
    ["a mapping, whose keys Python quotes", "x: {a: 1}", "OVERRIDE_SYNTAX"],
    ["null, as the values are texts", "x: null", "CONFIG_MERGE"],
    ["a number as a key, as the keys are texts", "1: a,b", "CONFIG_MERGE"],
  ])("%s is refused", (_, params, code) => {
    expect(() => jobs(params)).toThrow(expect.objectContaining({ code }));
  });
});

it("a sweep that the basic sweeper cannot run is refused before the size of its batches", () => {
  const source = memorySource({ "config.yaml": "x: 0\n" });
  const plan = (sweep: string) => () =>
    planSweep({
      source,
      name: "config",
      overrides: [sweep, "hydra.sweeper.max_batch_size=0"],
      now: new Date(0),
    });
  expect(plan("x=interval(0,1)")).toThrow(expect.objectContaining({ code: "SWEEP_TYPE" }));
  expect(plan("x=1,2")).toThrow(expect.objectContaining({ code: "SWEEP_BATCH_SIZE" }));
});

describe("a job of a sweep", () => {
  const files = {
    "config.yaml": "defaults: [db: a, _self_]\nx: 0\n",
    "db/a.yaml": "port: 1\n",
    "db/quiet.yaml": "# @package _global_\ndefaults: [override /hydra/job_logging: disabled]\n",
    "db/named.yaml": "# @package _global_\nhydra: {job: {name: mine}}\nx: 3\n",
  };
  const options = { source: memorySource(files), name: "config", now: new Date(0) };
  const WITHOUT_FILE = "~hydra.job_logging.handlers.file";

  it("composes as by itself, with what the sweep says of Hydra's node", () => {
    const { batches } = planSweep({ ...options, overrides: [WITHOUT_FILE, "db=a,named", "x=1,2"] });
    for (const job of batches[0]!.jobs) {
      const overrides = [WITHOUT_FILE, "hydra.mode=MULTIRUN", ...job.overrides];
      const alone = composeSync({ ...options, overrides, jobNumber: job.number });
      const composed = job.compose();
      expect(composed.config).toEqual(alone.config);
      expect(composed.toYaml({ part: "all" })).toBe(alone.toYaml({ part: "all" }));
    }
  });

  it("is refused where its choice has none of what an override of Hydra's node takes away", () => {
    const { batches } = planSweep({ ...options, overrides: [WITHOUT_FILE, "db=a,quiet"] });
    const [plain, quiet] = batches[0]!.jobs;
    expect(plain!.compose().config).toEqual({ db: { port: 1 }, x: 0 });
    expect(() => quiet!.compose()).toThrow(expect.objectContaining({ code: "DELETION_KEY" }));
  });
});
