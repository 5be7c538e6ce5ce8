import type { EpisodeSeries, MetricsView } from "@episcope/records";
import { extentOf } from "../chart/axis.js";
import { middleText } from "../chart/middle-values.js";
import { cleanText } from "../text/clean-text.js";
import { episodeNames, outcomeText, plural } from "../text/episode-words.js";
import { formatNumber, formatPercent, formatShort } from "../text/format-number.js";

/** Curves or episodes that the sentences name one by one; more are counted. */
const MOST_NAMED = 12;

/** What bars and curves of several episodes show, in sentences: of each measure smallest, largest and middle, and how each episode ended. */
export function describeEpisodes(episodes: readonly EpisodeSeries[]): string {
  const solved = episodes.filter(({ outcome }) => outcome === "success").length;
  const sentences = [`${plural(episodes.length, "episode")}, ${solved} solved.`];
  if (episodes.length === 0) return sentences[0] as string;
  const names = episodeNames(episodes);
  const rewards = episodes.map(({ totals }) => totals.reward);
  const similarities = episodes.map(({ totals }) => totals.final_similarity ?? Number.NaN);
  const steps = episodes.map(({ totals }) => totals.steps);
  sentences.push(
    measureText("Total reward", rewards, names, formatNumber),
    measureText("Final similarity", similarities, names, formatPercent),
    measureText("Steps", steps, names, String),
  );
  const ends = episodes.slice(0, MOST_NAMED).map(({ outcome, totals }, index) => {
    const share = totals.final_similarity;
    const similarity = share === null ? "" : ` at similarity ${formatPercent(share)}`;
    return `${names[index]} ${outcomeText(outcome).toLowerCase()} after ${plural(totals.steps, "step")}${similarity}`;
  });
  const more = episodes.length - ends.length;
  sentences.push(`${ends.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`);
  return sentences.filter((sentence) => sentence !== "").join(" ");
}

function measureText(
  title: string,
  values: readonly number[],
  names: readonly string[],
  show: (value: number) => string,
): string {
  const range = extentOf(values);
  if (range === null) return `${title}: not known.`;
  if (range.low === range.high) return `${title} ${show(range.low)} in each.`;
  const of = (value: number): string => `${show(value)} (${names[values.indexOf(value)]})`;
  return `${title} from ${of(range.low)} to ${of(range.high)}, ${middleText(values, show)}.`;
}

/** The producer's curves and histograms in sentences: first, last, smallest and largest value, and where. */
export function describeMetrics({ curves, histograms }: MetricsView): string {
  const names = [...new Set(histograms.map(({ name }) => name))];
  const sentences = [`${plural(curves.length, "curve")}, ${plural(names.length, "histogram")}.`];
  for (const { name, steps, values } of curves.slice(0, MOST_NAMED)) {
    const range = extentOf(values);
    const title = cleanText(name);
    if (range === null) {
      sentences.push(`${title}: no finite value.`);
      continue;
    }
    const at = (value: number): string =>
      `${formatShort(value)} at step ${formatShort(steps[values.indexOf(value)] as number)}`;
    const last = `last ${formatShort(values.at(-1) as number)} at step ${formatShort(steps.at(-1) as number)}`;
    sentences.push(
      range.low === range.high
        ? `${title}: ${formatShort(range.low)} throughout.`
        : `${title}: smallest ${at(range.low)}, largest ${at(range.high)}, ${last}.`,
    );
  }
  if (curves.length > MOST_NAMED) sentences.push(`And ${curves.length - MOST_NAMED} more curves.`);
  for (const name of names.slice(0, MOST_NAMED)) {
    const own = histograms.filter((entry) => entry.name === name).map(({ step }) => step);
    const [first, last] = [Math.min(...own), Math.max(...own)];
    const when =
      own.length === 1
        ? `at step ${formatShort(first)}`
        : `from step ${formatShort(first)} to ${formatShort(last)}`;
    sentences.push(`${cleanText(name)}: ${plural(own.length, "histogram")} ${when}.`);
  }
  return sentences.join(" ");
}
