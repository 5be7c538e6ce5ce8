import type {
  ComparisonType,
  ComparisonView,
  EpisodeSeries,
  EpisodeView,
  StepView,
  SummaryView,
  View,
  ViewKind,
} from "@episcope/records";
import { renderFailed } from "../contract/errors.js";
import type { Artifact, PictureSize, Renderer } from "../contract/roles.js";
import { type ServiceToken, serviceToken } from "../contract/services.js";

/** What makes pictures of views. */
export const VISUALIZER: ServiceToken<Visualizer> = serviceToken("episcope.visualizer");
/** The renderers of the run, built. */
export const RENDERERS: ServiceToken<readonly NamedRenderer[]> = serviceToken("episcope.renderers");

/** A renderer, or one in a worker, which answers later. */
export interface ViewRenderer extends Omit<Renderer, "render"> {
  render(view: View, size?: PictureSize): Uint8Array | Promise<Uint8Array>;
}

/** A renderer of the run. */
export interface NamedRenderer {
  /** Name of its node. */
  readonly name: string;
  readonly renderer: ViewRenderer;
  /** False where it is run only for sinks that accept its pictures. */
  readonly storesFiles: boolean;
}

/** Where a picture belongs, for its file and for the sinks. */
export interface PicturePlace {
  /** What sinks see instead of the view: null for nothing, left out for the view itself. */
  readonly outgoing?: StepView | SummaryView | null;
  /** Of the record that it belongs to, in the order of the run. */
  readonly position: number;
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

interface PictureToStore {
  readonly episode: number;
  readonly task_id: string;
  readonly step: number | null;
  readonly place: PicturePlace;
  /** Absolute; null where it is not to be stored. */
  readonly path: string | null;
  /** Undefined for the natural one. */
  readonly size: PictureSize | undefined;
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

  /** False for a renderer that is run only for sinks. */
  storesFiles(name: string): boolean {
    return this.#get(name).storesFiles;
  }

  /** Of the files of a renderer, without the dot. */
  extensionOf(name: string): string {
    return this.#get(name).renderer.extension;
  }

  /**
   * Draws one step and stores its file; in a size that a sink asked for it is for that sink alone and has no file. Throws
   * RENDER_FAILED, or a StorageError.
   */
  visualizeStep(
    name: string,
    view: StepView,
    place: PicturePlace,
    size?: PictureSize,
  ): Artifact | Promise<Artifact> {
    const { renderer } = this.#get(name);
    const path = this.#files.getStepPath(view.episode.number, view.step, renderer.extension);
    const { number: episode, task_id } = view.episode;
    return this.#artifact(name, view, { episode, task_id, step: view.step, place, path, size });
  }

  /** Draws the summary of an episode, or its whole page for renderers of kind "episode", and stores the file. */
  visualizeEpisodeSummary(
    name: string,
    view: SummaryView | EpisodeView,
    place: PicturePlace,
    size?: PictureSize,
  ): Artifact | Promise<Artifact> {
    const { renderer } = this.#get(name);
    const { episode } = view.kind === "summary" ? view : view.summary;
    const path = this.#files.getEpisodeSummaryPath(episode.number, renderer.extension);
    const { number, task_id } = episode;
    return this.#artifact(name, view, { episode: number, task_id, step: null, place, path, size });
  }

  /** Draws for sinks alone what they may see of a step or a summary; no file is stored. Throws RENDER_FAILED. */
  drawForSinks(
    name: string,
    view: StepView | SummaryView,
    { place, size }: { readonly place: PicturePlace; readonly size: PictureSize | undefined },
  ): Artifact | Promise<Artifact> {
    const { number: episode, task_id } = view.episode;
    const step = view.kind === "step" ? view.step : null;
    return this.#artifact(name, view, { episode, task_id, step, place, path: null, size });
  }

  /** Draws a view without storing it, with a renderer of this thread. Throws RENDER_FAILED. */
  draw(name: string, view: View): Uint8Array {
    return this.#drawHere(name, view, `a picture of kind '${view.kind}'`);
  }

  /**
   * Draws a comparison of episodes with the named renderer, by default the first that draws comparisons; the caller stores
   * it. Throws RENDER_FAILED.
   */
  createComparisonVisualization(
    episodes: readonly EpisodeSeries[],
    type: ComparisonType = "reward_progression",
    renderer: string | undefined = this.renderersFor("comparison")[0],
  ): Uint8Array {
    if (renderer === undefined) throw new Error("no renderer of this run draws comparisons");
    const view: ComparisonView = { kind: "comparison", comparison: type, episodes };
    return this.#drawHere(renderer, view, `a comparison of ${episodes.length} episodes`);
  }

  #drawHere(name: string, view: View, what: string): Uint8Array {
    const bytes = this.#render(name, view, what);
    if (bytes instanceof Promise) throw new Error(`the renderer '${name}' of this run draws in a worker`);
    return bytes;
  }

  #artifact(
    name: string,
    view: View,
    { episode, task_id, step, place, path, size }: PictureToStore,
  ): Artifact | Promise<Artifact> {
    const { renderer, storesFiles } = this.#get(name);
    const what = step === null ? `episode ${episode}` : `step ${step} of episode ${episode}`;
    const drawn = (bytes: Uint8Array): Artifact => ({
      type: `picture/${renderer.extension}`,
      view: view.kind,
      episode,
      task_id,
      step,
      position: place.position,
      global_step: place.globalStep,
      key: place.key,
      bytes,
      path:
        storesFiles && path !== null && size === undefined
          ? this.#files.writeEpisodeFile(episode, path, bytes)
          : null,
    });
    const bytes = this.#render(name, view, what, size);
    return bytes instanceof Promise ? bytes.then(drawn) : drawn(bytes);
  }

  #render(name: string, view: View, what: string, size?: PictureSize): Uint8Array | Promise<Uint8Array> {
    const fail = (cause: unknown): never => {
      throw renderFailed(`visualization.renderers.${name}`, what, cause);
    };
    try {
      const bytes = this.#get(name).renderer.render(view, size);
      return bytes instanceof Promise ? bytes.catch(fail) : bytes;
    } catch (cause) {
      return fail(cause);
    }
  }

  #get(name: string): NamedRenderer {
    const entry = this.#renderers.get(name);
    if (entry === undefined) throw new Error(`no renderer '${name}' in this run`);
    return entry;
  }
}
