import type { PlainObject, PlainValue, StreamRecord, View, ViewKind } from "@episcope/records";
import type { EpisodeSource } from "@episcope/records/store";

/**
 * Draws views. `render` is pure: the same view gives the same bytes, on every machine, live or replayed.
 * A renderer is given only views of the `kinds` that it names.
 */
export interface Renderer {
  /** For instance "image/svg+xml". */
  readonly mediaType: string;
  /** Of the file, without the dot. Two renderers of one run may not share it. */
  readonly extension: string;
  readonly kinds: readonly ViewKind[];
  /** `size` is what a sink asked for; without it the picture has its natural size. Nothing scales pixels afterwards. */
  render(view: View, size?: PictureSize): Uint8Array;
}

/** Pixels that a picture is fitted inside, its aspect kept. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A picture that a renderer drew; the pipeline stores it and hands it to the sinks that accept its type. */
export interface Artifact {
  /** Of the step or the episode's end that it shows, in the order of the run: a picture comes right behind its record. */
  readonly position: number;
  /** "picture/" and the renderer's extension, for instance "picture/png". */
  readonly type: `picture/${string}`;
  readonly view: ViewKind;
  /** Number of the episode in the run, from 1; null for pictures of a run. */
  readonly episode: number | null;
  readonly task_id: string | null;
  /** Null for a summary. */
  readonly step: number | null;
  /** Position of the step over all episodes of the run, from 0; of a summary: the episode's last step. */
  readonly global_step: number;
  readonly key: boolean;
  readonly bytes: Uint8Array;
  /** Where the loose file stands, relative to the run directory; null if it was drawn only for a sink. */
  readonly path: string | null;
}

/** A record on its way to a sink, with what the pipeline knows about it. */
export interface RecordItem {
  /** In the order of the run, from 0, without gaps over all records. */
  readonly position: number;
  readonly type: StreamRecord["type"];
  readonly record: StreamRecord;
  /** Number of the episode in the run, from 1; null for records of the run. */
  readonly episode: number | null;
  /** Position of the step over all episodes of the run, from 0 (as in `Artifact`); null before the first step. */
  readonly global_step: number | null;
  /** Whether the step is a key step. */
  readonly key: boolean;
  /** Of a step or an episode end, computed where the producer did not send it. */
  readonly similarity: number | null;
}

export type SinkItem = RecordItem | Artifact;

/**
 * Takes batches of what it accepts, in order.
 *
 * 1. `write` is never called twice at once, nor after `close`.
 * 2. Items belong to the pipeline: a sink does not change them and copies what it keeps.
 * 3. What `write` throws is counted and reported; other sinks go on.
 * 4. `flush` resolves when everything written before it is safe. What it returns, plain data, is kept beside the position, and
 *    comes back in `context.resume` when the run's outputs go on after an interruption. Without a state every item is
 *    delivered at least once.
 * 5. `close` is called once, after the last `write`, also when the run fails.
 */
export interface Sink {
  /** Record types and picture types ("picture/png"); the pipeline draws what is accepted, once. */
  readonly accepts: readonly string[];
  /** Of the pictures that it accepts. Default: their natural size. */
  readonly pictureSize?: PictureSize | undefined;
  write(batch: readonly SinkItem[], signal: AbortSignal): void | Promise<void>;
  // biome-ignore lint/suspicious/noConfusingVoidType: a sink without a state returns nothing.
  flush?(): void | PlainValue | Promise<void | PlainValue>;
  close?(): void | Promise<void>;
}

/** Writes one finished episode from the journal into a file of its own. */
export interface Format {
  /** Of the file, without the dot, for instance "json" or "h5"; `.gz` is part of it where it applies. */
  readonly extension: string;
  /**
   * Gives the file's bytes in pieces. The store writes them aside and renames the file when the last piece
   * is written, so a reader never meets half an export.
   */
  encode(episode: EpisodeSource): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A plugin of kind `hooks` taps `context.hooks` and may want to be told when the run closes. */
export interface HooksPlugin {
  close?(): void | Promise<void>;
}

/** What a run tells its plugins about itself. */
export interface RunIdentity {
  readonly name: string;
  /** Unix seconds. */
  readonly startTime: number;
  readonly configHash: string;
  /** The composed config, plain data, with `${secret:…}` unresolved. */
  readonly config: PlainObject;
}
