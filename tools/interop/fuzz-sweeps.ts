import type { Draw } from "./fuzz-generators.js";
import {
  drawEnvironment,
  drawFiles,
  drawStyle,
  drawTreeOverride,
  type Style,
  type TreeCase,
} from "./fuzz-trees.js";

/** What a tidy tree takes. */
const TIDY_PARAM_KEYS = ["++k", "++w", "++v", "++m", "++deep", "+other"];
const TIDY_PARAMS = 24;
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
  "sort(3,1,2)",
  "int(1.5),2",
  "[1, 2]",
  "[[1, 2], 3]",
  "['a,b']",
  "[a, b c]",
  "[true, null, 1.0]",
  "true",
  "1.0",
  "1e-7",
  "'1'",
  "''",
  "'${oc.env:STAGE}'",
  "'${all:1,2}'",
  "'${pick:3},4'",
  "range(3)",
  // From here on what may be refused.
  "glob(*)",
  "'glob([a,b])'",
  "'glob(*,exclude=b)'",
  "'tag(t,1,2)'",
  "interval(0,1)",
  "{a: 1}",
  "{a: {b: [1, x]}}",
  "null",
  "'???'",
  "['???']",
  "'${k}'",
  "'${k},2'",
  "['${k}', 1]",
];
const TIDY_SWEEPS = [
  "++k=1,2",
  "++k=a,'b c'",
  "+other=[1],{a: 1}",
  "++w=range(3)",
  "++m=choice(1,x)",
  "++v=sort(b,a)",
  "++k=${w},1",
  "++k='1,2'",
  "++k=range(1,0)",
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

/** A tree of configs for a sweep: with `hydra.sweeper.params` in the primary config, and sweeps among its overrides. */
export function drawSweep(draw: Draw): TreeCase {
  const style = drawStyle(draw);
  const files = drawFiles(draw, style);
  if (draw.chance(0.7)) files["config.yaml"] += drawSweeper(draw, style);
  const overrides = draw.some(2, () => drawSweepOverride(draw, style));
  overrides.push(...draw.some(1, () => drawTreeOverride(draw, style)));
  if (draw.chance(0.3)) {
    const sizes = style.isTidy ? ["1", "2", "3", "null"] : ["1", "2", "3", "-1", "0", "null", "x"];
    overrides.push(`hydra.sweeper.max_batch_size=${draw.one(sizes)}`);
  }
  if (draw.chance(0.1)) {
    const values = ["'1,2'", "[1,2]", "{a:1}", "1", "null", "'${w}'"];
    overrides.push(`+hydra.sweeper.params.k=${draw.one(values)}`);
  }
  if (draw.chance(0.1)) overrides.push("hydra.job.config.override_dirname.exclude_keys=[++k]");
  return { files, name: "config", overrides, env: drawEnvironment(draw, style) };
}

function drawSweepOverride(draw: Draw, { isTidy, groups }: Style): string {
  if (!isTidy) return draw.one(SWEEPS);
  if (groups.length === 0 || draw.chance(0.6)) return draw.one(TIDY_SWEEPS);
  return `+${draw.one(groups)}@${draw.one(["p", "p.q", "_global_"])}=${draw.one(["a,b", "glob(*)", "glob([a,c])", "c"])}`;
}

function drawSweeper(draw: Draw, { isTidy }: Style): string {
  const tidy = isTidy && draw.chance(0.9);
  const keys = (tidy ? TIDY_PARAM_KEYS : PARAM_KEYS).filter(() => draw.chance(tidy ? 0.3 : 0.15));
  const values = tidy ? PARAM_VALUES.slice(0, TIDY_PARAMS) : PARAM_VALUES;
  const params = keys.map((key) => `      ${key}: ${draw.one(values)}\n`).join("");
  return `hydra:\n  sweeper:\n    params:${params === "" ? ` ${draw.one(["null", "{}"])}\n` : `\n${params}`}`;
}
