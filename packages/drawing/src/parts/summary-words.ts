import type { SummaryView } from "@episcope/records";
import { extentOf } from "../chart/axis.js";
import { plural, reasonText } from "../text/episode-words.js";
import { formatNumber, formatPercent } from "../text/format-number.js";

/** Steps that a sentence names; more are counted. */
const MOST_NAMED = 12;

/** The episode in sentences: what its curves show, and its key steps. */
export function describeSummary(view: SummaryView): string {
  const { rewards, totals, similarities, initial_similarity: start } = view;
  const sentences = [`${plural(totals.steps, "step")}, total reward ${formatNumber(totals.reward)}.`];
  const reward = extentOf(rewards);
  if (reward !== null) {
    sentences.push(
      `Rewards from ${formatNumber(reward.low)} to ${formatNumber(reward.high)}${atStep(rewards, reward.high)}.`,
    );
  }
  const { final_similarity: final, best_similarity: best } = totals;
  if (final === null) sentences.push("The target is not known.");
  else {
    const low = extentOf(similarities);
    const from = start === null ? "" : `Similarity begins at ${formatPercent(start)}. `;
    const least = low === null ? "" : `, lowest ${formatPercent(low.low)}${atStep(similarities, low.low)}`;
    const most =
      best === null ? "n/a" : `${formatPercent(best)}${low === null ? "" : atStep(similarities, low.high)}`;
    sentences.push(`${from}Final similarity ${formatPercent(final)}, best ${most}${least}.`);
  }
  if ((view.unchanged_steps ?? 0) > 0) {
    sentences.push(`${plural(view.unchanged_steps as number, "step")} without effect.`);
  }
  const count = view.key_step_count ?? view.key_steps.length;
  const named = view.key_steps
    .slice(0, MOST_NAMED)
    .map(({ step, reasons }) => `${step} (${reasons.map(reasonText).join(", ")})`);
  const rest = count > named.length ? `, and ${count - named.length} more` : "";
  sentences.push(`${plural(count, "key step")}${count === 0 ? "" : `: ${named.join(", ")}${rest}`}.`);
  return sentences.join(" ");
}

/** " at step 3": where the value first stands. */
function atStep(values: Float64Array, value: number): string {
  const step = values.indexOf(value);
  return step < 0 ? "" : ` at step ${step}`;
}
