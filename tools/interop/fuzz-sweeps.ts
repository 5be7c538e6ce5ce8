import type { Draw } from "./fuzz-generators.js";
import { drawEnvironment, drawFiles, drawGroups, drawTreeOverride, type TreeCase } from "./fuzz-trees.js";

const PARAM_KEYS = ["k", "w", "deep.m", "db", "app", "+v", "++w", "~m", "db@p", "'k'", "1", "x y"];
const PARAM_VALUES = [
  "1,2",
  "a,b",
  "'a b,c'",
  "\"'a b',c\"",
  "range(1,4)",
  "range(0,1,0.4)",
  "choice(a,b)",
  "'choice([1,2],{k: 1})'",
  "glob(*)",
  "'glob([a,b])'",
  "'glob(*,exclude=b)'",
  "sort(3,1,2)",
  "'tag(t,1,2)'",
  "interval(0,1)",
  "int(1.5),2",
  "[1, 2]",
  "[[1, 2], 3]",
  "['a,b']",
  "[a, b c]",
  "[true, null, 1.0]",
  "{a: 1}",
  "{a: {b: [1, x]}}",
  "null",
  "true",
  "1.0",
  "1e-7",
  "'1'",
  "''",
  "'???'",
  "['???']",
  "'${k}'",
  "'${k},2'",
  "['${k}', 1]",
  "'${oc.env:STAGE}'",
  "'${all:1,2}'",
  "'${pick:3},4'",
];
const SWEEPS = [
  "k=1,2",
  "k=a,'b c'",
  "+v=[1],{a: 1}",
  "++w=range(3)",
  "db=a,b",
  "db=glob(*)",
  "+db=glob([a,c])",
  "app=a,nope",
  "db@p=a,b",
  "+db@p.q=a,b",
  "k=sort(b,a)",
  "k=shuffle",
  "k=interval(0,1)",
  "deep.m=1,2",
  "k='1,2'",
  "k=${w},1",
  "~k",
  "k=range(1,0)",
  "k=tag(t,1,2)",
];

/** A tree of configs as `TreeCase`, for a sweep: with `hydra.sweeper.params` in the primary config, and sweeps among its overrides. */
export function drawSweep(draw: Draw): TreeCase {
  const style = { groups: drawGroups(draw), isPlain: draw.chance(0.6) };
  const files = drawFiles(draw, style);
  if (draw.chance(0.7)) files["config.yaml"] += drawSweeper(draw);
  const overrides = draw.some(2, () => draw.one(SWEEPS));
  overrides.push(...draw.some(1, () => drawTreeOverride(draw, style)));
  if (draw.chance(0.2))
    overrides.push(`hydra.sweeper.max_batch_size=${draw.one(["1", "2", "3", "-1", "0", "null", "x"])}`);
  if (draw.chance(0.15))
    overrides.push(`+hydra.sweeper.params.k=${draw.one(["'1,2'", "[1,2]", "{a:1}", "1", "null", "'${w}'"])}`);
  if (draw.chance(0.1)) overrides.push("hydra.job.config.override_dirname.exclude_keys=[k]");
  return { files, name: "config", overrides, env: drawEnvironment(draw) };
}

function drawSweeper(draw: Draw): string {
  const keys = PARAM_KEYS.filter(() => draw.chance(0.15));
  const params = keys.map((key) => `      ${key}: ${draw.one(PARAM_VALUES)}\n`).join("");
  return `hydra:\n  sweeper:\n    params:${params === "" ? ` ${draw.one(["null", "{}"])}\n` : `\n${params}`}`;
}
