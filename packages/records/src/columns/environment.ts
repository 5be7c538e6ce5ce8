import { GridBuffer } from "./grid-buffer.js";

/** An episode that is open in an environment. */
export interface OpenEpisode {
  readonly key: string;
  readonly env: number;
}

/** What is known of one environment from one lot of columns to the next. */
export class Environment {
  /** Its number, as the producer counts environments. */
  readonly env: number;
  /** Episodes that have started here, refused ones too. */
  started = 0;
  /** Null where none has started since the last one ended, or its start was refused. */
  episode: OpenEpisode | null = null;
  /** Steps of the episode so far, refused ones too. */
  steps = 0;
  /** The grid that the next step finds. */
  before: GridBuffer = new GridBuffer();
  /** Where the grid after the step in hand is read to; the two are exchanged when the step is over. */
  after: GridBuffer = new GridBuffer();
  /** `before` comes from a step that was refused: the record of the next step has to bring it. */
  hasGap = false;

  constructor(env: number) {
    this.env = env;
  }

  /** Opens an episode on the grid in `after`. */
  begin(episode: OpenEpisode): void {
    this.episode = episode;
    this.steps = 0;
    this.hasGap = false;
    this.advance();
  }

  /** The grid after a step is the one before the next. */
  advance(): void {
    const { before } = this;
    this.before = this.after;
    this.after = before;
  }
}
