import type { Analysis } from "../analyze/analysis.js";
import { percent, shareText, short } from "./number-text.js";

/** Names of the failure modes in words. */
export const MODE_WORDS: { readonly [mode: string]: string } = {
  missing_submit: "the target was reached and not handed in",
  wrong_size: "the last grid has the wrong size",
  near_miss: "nearly right, then lost again",
  oscillation: "two states in turn",
  loop: "a loop of states",
  undo_pairs: "steps that undo the step before",
  selection_outside: "selections beyond the grid",
  no_effect: "steps that change nothing",
  no_progress: "no progress at all",
  premature_submit: "handed in too early",
  early_end: "given up or ended early",
};

/** What a reader should know first: each sentence names its numbers. */
export function findingsOf(analysis: Analysis): readonly string[] {
  const { success, failures, tasks, operations, contrasts, windows, unexplained } = analysis;
  const failed = success.of - success.successes;
  const findings = [`${shareText(success)} of the episodes succeeded.`];
  for (const { mode, episodes } of failures.slice(0, 3)) {
    findings.push(
      `${episodes} of ${failed} failed episodes (${percent(episodes / failed)}) show ${mode}: ${MODE_WORDS[mode]}.`,
    );
  }
  if (unexplained > 0)
    findings.push(`In ${unexplained} of ${failed} failed episodes no rule found anything.`);
  const never = tasks.filter(({ success }) => success.successes === 0);
  if (never.length > 0 && never.length < tasks.length) {
    findings.push(`${never.length} of ${tasks.length} tasks were never solved.`);
  }
  const [firstWindow, lastWindow] = [windows[0], windows.at(-1)];
  if (windows.length > 1) {
    findings.push(
      `Success went from ${percent(firstWindow!.success.rate)} in episodes ${firstWindow!.first} to ${firstWindow!.last} to ${percent(lastWindow!.success.rate)} in episodes ${lastWindow!.first} to ${lastWindow!.last}.`,
    );
  }
  const worst = [...operations].sort((a, b) => b.drops_after - a.drops_after)[0];
  if (worst !== undefined && worst.drops_after > 0) {
    findings.push(
      `${worst.name} precedes most losses of similarity: ${worst.drops_after} of ${operations.reduce((sum, { drops_after }) => sum + drops_after, 0)}.`,
    );
  }
  const clear = contrasts.find(
    ({ interval }) => interval !== null && (interval.low > 0 || interval.high < 0),
  );
  if (clear !== undefined) {
    findings.push(
      `The clearest difference between successes and failures is ${clear.name}: ${short(clear.successes)} against ${short(clear.failures)}.`,
    );
  }
  return findings;
}
