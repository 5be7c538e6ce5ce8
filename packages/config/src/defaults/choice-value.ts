import type { Rules } from "../version/rules.js";

/** What is chosen in a config group: an option, several, or none. */
export type Choice = string | readonly string[] | null;

/** `\\???` is the name `???`, as a value of OmegaConf 2.4 is. */
const ESCAPED_MISSING = /^\\+\?\?\?$/;

/** Whether a choice is an escaped `???`: an option of that name, and not a missing choice. */
export function isLiteralChoice(value: Choice, rules: Rules): boolean {
  return rules.choicesAreValues && typeof value === "string" && ESCAPED_MISSING.test(value);
}

/** The choice without the escape. */
export function choiceOf(value: Choice, rules: Rules): Choice {
  return isLiteralChoice(value, rules) ? (value as string).slice(1) : value;
}
