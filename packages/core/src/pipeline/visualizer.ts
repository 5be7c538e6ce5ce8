import type { ComparisonView, EpisodeView, StepView, SummaryView, View, ViewKind } from "../episode/view.js";
import { renderFailed } from "./errors.js";
import type { Artifact, Renderer } from "./roles.js";

/** A renderer of the run. */
export interface NamedRenderer {
  /** Name of its node. */
  readonly name: string;
  readonly renderer: Renderer;
  /** False where it is run only for sinks that accept its pictures. */
  readonly storesFiles: boolean;
}

/** Where a picture belongs, for its file and for the sinks. */
export interface PicturePlace {
  /** Position of the step over all episodes of the run, from 0. */
  readonly globalStep: number;
  readonly key: boolean;
}

/** Stores loose files; the episode manager, or a replay that writes elsewhere. */
export interface PictureFiles {
  getStepPath(episode: number, step: number, extension: string): string;
  getEpisodeSummaryPath(episode: number, extension: string): string;
  /** Gives the path relative to the run. */
  writeEpisodeFile(episode: number, path: string, bytes: Uint8Array): string;
}

/** Makes artifacts from views with the renderers of a run. It knows no drawing: bytes are the renderers'. */
export class Visualizer {
  readonly #renderers: ReadonlyMap<string, NamedRenderer>;
  readonly #files: PictureFiles;

  constructor(renderers: readonly NamedRenderer[], files: PictureFiles) {
    this.#renderers = new Map(renderers.map((entry) => [entry.name, entry]));
    this.#files = files;
  }

  /** Names of the renderers that draw this kind of view. */
  renderersFor(kind: ViewKind): string[] {
    return [...this.#renderers.values()]
      .filter(({ renderer }) => renderer.kinds.includes(kind))
      .map(({ name }) => name);
  }

  /** Draws one step and stores its file. Throws RENDER_FAILED, or a StorageError. */
  visualizeStep(name: string, view: StepView, place: PicturePlace): Artifact {
    const { renderer } = this.#get(name);
    const path = this.#files.getStepPath(view.episode.number, view.step, renderer.extension);
    return this.#artifact(name, view, view.episode.number, view.episode.task_id, view.step, place, path);
  }

  /** Draws the summary of an episode, or its whole page for renderers of kind "episode", and stores the file. */
  visualizeEpisodeSummary(name: string, view: SummaryView | EpisodeView, place: PicturePlace): Artifact {
    const { renderer } = this.#get(name);
    const { episode } = view.kind === "summary" ? view : view.summary;
    const path = this.#files.getEpisodeSummaryPath(episode.number, renderer.extension);
    return this.#artifact(name, view, episode.number, episode.task_id, null, place, path);
  }

  /** Draws a view without storing it. Throws RENDER_FAILED. */
  draw(name: string, view: View): Uint8Array {
    return this.#render(name, view, `a picture of kind '${view.kind}'`);
  }

  /** Draws a comparison of episodes; the caller stores it. */
  createComparisonVisualization(name: string, view: ComparisonView): Uint8Array {
    return this.#render(name, view, `a comparison of ${view.episodes.length} episodes`);
  }

  #artifact(
    name: string,
    view: View,
    episode: number,
    taskId: string,
    step: number | null,
    place: PicturePlace,
    path: string,
  ): Artifact {
    const { renderer, storesFiles } = this.#get(name);
    const bytes = this.#render(
      name,
      view,
      step === null ? `episode ${episode}` : `step ${step} of episode ${episode}`,
    );
    return {
      type: `picture/${renderer.extension}`,
      view: view.kind,
      episode,
      task_id: taskId,
      step,
      global_step: place.globalStep,
      key: place.key,
      bytes,
      path: storesFiles ? this.#files.writeEpisodeFile(episode, path, bytes) : null,
    };
  }

  #render(name: string, view: View, what: string): Uint8Array {
    try {
      return this.#get(name).renderer.render(view);
    } catch (cause) {
      throw renderFailed(`visualization.renderers.${name}`, what, cause);
    }
  }

  #get(name: string): NamedRenderer {
    const entry = this.#renderers.get(name);
    if (entry === undefined) throw new Error(`no renderer '${name}' in this run`);
    return entry;
  }
}
