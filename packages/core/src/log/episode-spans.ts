import type { RecordType } from "@episcope/records";

interface EpisodeSpan {
  readonly start: number;
  /** Position of its end; null while it is open. */
  end: number | null;
}

/** Between which positions the episodes of a run stand: whoever reads a record reads its episode from the start. */
export class EpisodeSpans {
  /** By number. */
  readonly #spans: Map<number, EpisodeSpan> = new Map();

  follow(type: RecordType, episode: number | null, position: number): void {
    if (episode === null) return;
    if (type === "episode-start") this.#spans.set(episode, { start: position, end: null });
    const span = type === "episode-end" ? this.#spans.get(episode) : undefined;
    if (span !== undefined) span.end = position;
  }

  /** Where reading begins for whoever needs the record at this position, with its episode. */
  readFrom(position: number): number {
    let from = position;
    for (const { start, end } of this.#spans.values())
      if (start < from && (end === null || end >= position)) from = start;
    return from;
  }

  /** No record below this position is asked for any more. */
  forget(below: number): void {
    for (const [number, { end }] of this.#spans) if (end !== null && end < below) this.#spans.delete(number);
  }
}
