import type { Rules } from "../version/rules.js";
import { configError } from "./errors.js";

/**
 * The steps of a key as OmegaConf takes it apart: `a.b`, `a[b]` and `[a].b` alike; a leading dot makes an empty
 * first step.
 * @throws ConfigError CONFIG_INDEX where there is no step.
 */
export function splitKey(key: string, rules?: Rules): string[] {
  if (rules?.keyPathEscapes === true && key.includes("\\")) return splitEscaped(key);
  if (!key.includes("[")) return key.split(".");
  const head = /^\.*[^.[]*/.exec(key)![0];
  const steps = head.split(".");
  if (key[head.length] === "[" && steps.at(-1) === "") steps.pop();
  let close = -2;
  for (let pos = head.length; pos < key.length; ) {
    const c = key[pos];
    if (c === ".") {
      let end = pos + 1;
      while (end < key.length && key[end] !== "." && key[end] !== "[") end += 1;
      steps.push(key.slice(pos + 1, end));
      pos = end;
      continue;
    }
    if (c === "[") {
      if (close !== -1 && close < pos) close = key.indexOf("]", pos);
      const step = close === -1 ? undefined : key.slice(pos + 1, close);
      if (step !== undefined && !step.includes("\n")) {
        steps.push(step);
        pos = close + 1;
        continue;
      }
    }
    // As in OmegaConf, what is no step is passed over.
    pos += 1;
  }
  if (steps.length === 0) {
    throw configError("CONFIG_INDEX", `'${key}' is no key`, {
      hint: "Close the bracket: '[key]'.",
      fields: { key },
    });
  }
  return steps;
}

/** A path with backslashes, which take the meaning of `.`, `[`, `]` and `=`. */
function splitEscaped(key: string): string[] {
  const steps: string[] = [];
  let pos = 0;
  const until = (ends: string): string => {
    let step = "";
    while (pos < key.length && !ends.includes(key[pos]!)) {
      const isEscape = key[pos] === "\\" && pos + 1 < key.length && ".[]=".includes(key[pos + 1]!);
      step += isEscape ? key[pos + 1] : key[pos];
      pos += isEscape ? 2 : 1;
    }
    return step;
  };
  if (key[0] !== "[") steps.push(until(".["));
  while (pos < key.length) {
    const inBrackets = key[pos] === "[";
    pos += 1;
    const step = until(inBrackets ? "]" : ".[");
    // As in OmegaConf, a bracket that is not closed ends the path.
    if (inBrackets && pos >= key.length) break;
    if (inBrackets) pos += 1;
    steps.push(step);
  }
  return steps;
}
