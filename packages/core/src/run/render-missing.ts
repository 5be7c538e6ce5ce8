import { dirname } from "node:path";
import type { EpisodeView, StepView, SummaryView } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import { type EpisodeManager, RunStream, readManifest, writeManifest } from "@episcope/records/store";
import { drawingPlan } from "../config/trigger.js";
import type { PluginsWithoutRunOptions } from "../host/plugins-without-run.js";
import { LoggedItems } from "../output/logged-items.js";
import { openVisualizer } from "../output/open-visualizer.js";
import type { Visualizer } from "../output/visualizer.js";
import type { ProblemLog } from "../pipeline/problem-log.js";
import { wouldDraw } from "../pipeline/redeliver.js";
import { openRecordedRun } from "./open-recorded-run.js";

export interface RenderReport {
  /** Absolute; where the run has gone on elsewhere, there. */
  readonly dir: string;
  /** Files that were written now. */
  readonly drawn: number;
  /** Pictures that could not be drawn. */
  readonly failed: number;
}

/**
 * Draws the pictures of episodes that a run's config asks for and that are not there: those that a limit, the budget or a `draw`
 * hook passed over, and those that were deleted. Bytes are those of live pictures. Sinks get nothing, and `outputs.json` stays as it is.
 * Throws RUN_NOT_FOUND, RUN_IN_USE, RUN_CONFIG_MISSING, and what `openRun` throws for a renderer.
 */
export async function renderMissing(
  runDir: string,
  options: PluginsWithoutRunOptions = {},
): Promise<RenderReport> {
  const recorded = await openRecordedRun(runDir, options);
  try {
    const { dir, left, run, manager, config, fs, clock, cwd, logger, problems, pageOf } = recorded;
    const visualizer = await openVisualizer(config, {
      ...{ ...options, fs, clock, logger, cwd },
      ...{ files: manager, runDir: dir, runName: run.name },
    });
    const missing = new MissingPictures(visualizer, manager, { fs, problems, pageOf });
    const items = new LoggedItems(new RunStream(dir, { fs, left }), 0);
    const plan = drawingPlan(config.visualization);
    try {
      for (let item = items.read(); item !== null; item = items.read()) {
        const { record, view, decisions, episode, summary } = item;
        if (view !== null && (decisions.draw === true || wouldDraw(record.type, view, plan)))
          await missing.draw(view, item.position, decisions.global_step);
        if (summary === null || !plan.summary) continue;
        await missing.drawEpisode(episode!, summary, item.position);
      }
      if (plan.summary)
        for (const { episode, summary } of items.open)
          await missing.drawEpisode(episode, summary, items.next);
    } finally {
      items.close();
      missing.list();
    }
    return { dir, drawn: missing.drawn, failed: missing.failed };
  } finally {
    await recorded.close();
  }
}

interface Surroundings {
  readonly fs: FileSystem;
  readonly problems: ProblemLog;
  pageOf(episode: number): EpisodeView | null;
}

class MissingPictures {
  readonly #visualizer: Visualizer;
  readonly #manager: EpisodeManager;
  readonly #fs: FileSystem;
  readonly #problems: ProblemLog;
  readonly #pageOf: (episode: number) => EpisodeView | null;
  readonly #episodes: Set<number> = new Set();
  drawn = 0;
  failed = 0;

  constructor(visualizer: Visualizer, manager: EpisodeManager, { fs, problems, pageOf }: Surroundings) {
    this.#visualizer = visualizer;
    this.#manager = manager;
    this.#fs = fs;
    this.#problems = problems;
    this.#pageOf = pageOf;
  }

  /** The summary of an episode, and its page. */
  async drawEpisode(episode: number, summary: SummaryView, position: number): Promise<void> {
    await this.draw(summary, position);
    if (this.#visualizer.renderersFor("episode").length === 0) return;
    const page = this.#pageOf(episode);
    if (page !== null) await this.draw(page, position);
  }

  /** Where its files are not there. */
  async draw(
    view: StepView | SummaryView | EpisodeView,
    position: number,
    globalStep: number | null = null,
  ): Promise<void> {
    const { number } = view.kind === "episode" ? view.summary.episode : view.episode;
    const place = {
      position,
      globalStep: globalStep ?? 0,
      key: view.kind === "step" && view.reasons.length > 0,
    };
    for (const name of this.#visualizer.renderersFor(view.kind)) {
      const extension = this.#visualizer.extensionOf(name);
      const path =
        view.kind === "step"
          ? this.#manager.getStepPath(number, view.step, extension)
          : this.#manager.getEpisodeSummaryPath(number, extension);
      if (this.#fs.existsSync(path)) continue;
      try {
        if (view.kind === "step") await this.#visualizer.visualizeStep(name, view, place);
        else await this.#visualizer.visualizeEpisodeSummary(name, view, place);
        this.drawn += 1;
        this.#episodes.add(number);
      } catch (error) {
        this.failed += 1;
        this.#problems.report(error, `visualization.renderers.${name}`);
      }
    }
  }

  /** Adds what was drawn to the manifests, by which a cleanup counts. */
  list(): void {
    for (const number of this.#episodes) {
      const dir = dirname(this.#manager.episodeDir(number));
      const manifest = readManifest(this.#fs, dir);
      if (manifest === null) continue;
      const { count, bytes } = this.#manager.pictures(number);
      const episodes = manifest.episodes.map((episode) => {
        if (episode.number !== number) return episode;
        const { pictures } = episode;
        return { ...episode, pictures: { count: pictures.count + count, bytes: pictures.bytes + bytes } };
      });
      writeManifest(this.#fs, dir, { ...manifest, episodes });
    }
  }
}
