import { workerEnded } from "../contract/errors.js";
import type { Logger } from "../contract/plugin.js";
import type { PictureSize } from "../contract/roles.js";
import type { ViewRenderer } from "../output/visualizer.js";
import { PluginWorker } from "./plugin-worker.js";
import { warnsOnce } from "./thread-logger.js";
import type { RendererTraits, WorkerSetup, WorkerView } from "./worker-messages.js";

export interface RenderPoolOptions {
  readonly setup: WorkerSetup;
  /** Number of threads. */
  readonly size: number;
  /** Longest time of one picture; then its worker is ended and replaced. */
  readonly timeoutMs: number;
  readonly logger: Logger;
  /** Absolute path of an episode's journal, for renderers that draw whole episodes. */
  journalPath(episode: number): string;
}

/** Times that threads end in a row over one renderer's pictures before it gets none any more. */
const THREADS_PER_RENDERER = 4;

/** Worker threads that draw. Each holds every renderer; a picture goes to the one that has least to do. */
export class RenderPool {
  readonly #options: RenderPoolOptions;
  readonly #workers: PluginWorker[];
  /** By renderer: threads that ended since its last picture. */
  readonly #ended: Map<string, number> = new Map();

  constructor(options: RenderPoolOptions) {
    this.#options = options;
    const logger = warnsOnce(options.logger);
    this.#workers = Array.from({ length: options.size }, () => new PluginWorker(options.setup, logger));
  }

  /** The renderer of a node, as the pipeline sees it; its `render` gives a promise. */
  async open(name: string): Promise<ViewRenderer> {
    const traits = await this.#workers[0]!.call<RendererTraits>({ do: "describe", renderer: name });
    return {
      mediaType: traits.mediaType,
      extension: traits.extension,
      kinds: traits.kinds as ViewRenderer["kinds"],
      render: (view, size) => {
        if (view.kind === "step" || view.kind === "summary") return this.#render(name, { view }, size);
        if (view.kind !== "episode") throw new Error(`a ${view.kind} is not drawn during a run`);
        const { number } = view.summary.episode;
        return this.#render(name, { journal: this.#options.journalPath(number), number }, size);
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /** A renderer that ends every thread is not given one after another: the others draw in them too. */
  async #render(renderer: string, what: WorkerView, size?: PictureSize): Promise<Uint8Array> {
    const ended = this.#ended.get(renderer) ?? 0;
    if (ended >= THREADS_PER_RENDERER)
      throw workerEnded(`'${renderer}' has ended ${ended} of them in a row and gets no more`);
    try {
      const picture = await this.#draw(renderer, what, size);
      this.#ended.delete(renderer);
      return picture;
    } catch (error) {
      if ((error as { code?: unknown }).code === "WORKER_ENDED")
        this.#ended.set(renderer, (this.#ended.get(renderer) ?? 0) + 1);
      throw error;
    }
  }

  async #draw(renderer: string, what: WorkerView, size?: PictureSize): Promise<Uint8Array> {
    const { timeoutMs } = this.#options;
    const worker = this.#workers.reduce((least, one) => (one.pending < least.pending ? one : least));
    // Loading its plugins is no part of a picture's time.
    if (!worker.isWarm) await worker.call({ do: "describe", renderer });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(workerEnded(`it did not draw within ${timeoutMs / 1000} s`));
        void worker.terminate();
      }, timeoutMs);
    });
    try {
      return await Promise.race([worker.call<Uint8Array>({ do: "render", renderer, what, size }), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
