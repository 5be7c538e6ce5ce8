import type { StepView, StreamRecord, SummaryView } from "@episcope/records";
import { EpisodeTracker } from "@episcope/records";
import type { RunItem } from "@episcope/records/store";
import type { RecordItem } from "../contract/roles.js";
import type { Outgoing, Passed } from "./outgoing.js";

/** Where items come from, in the order of their positions. */
export interface ItemSource {
  /** The next item; null where there is none yet. */
  next(): RunItem | null;
  close(): void;
}

/** A record with everything that an output may want of it. */
export interface LoggedItem extends RunItem {
  /** Of a step: its view. Of an episode's end: the view of its last step, null where it had none. Else null. */
  readonly view: StepView | null;
  /** Of an episode's end. */
  readonly summary: SummaryView | null;
  /** As sinks get it; null where it is withheld from them. */
  readonly sinkItem: RecordItem | null;
  /** What their pictures are drawn from; null where nobody taps `outgoing`. */
  readonly passed: Passed | null;
}

/** Longest time that reading keeps the thread from other work. */
const TURN_MS = 5;

/**
 * Reads a run's items forward and follows its episodes, so that late outputs get the same views that timely ones got. Of
 * episodes that began before the first item that is read there are no views.
 */
export class LoggedItems {
  readonly #source: ItemSource;
  readonly #trackers: Map<number, EpisodeTracker> = new Map();
  readonly #outgoing: Outgoing | null;
  #current: LoggedItem | null = null;
  #next: number;

  /** `outgoing` is of this reader alone. */
  constructor(source: ItemSource, from: number, outgoing: Outgoing | null = null) {
    this.#source = source;
    this.#next = from;
    this.#outgoing = outgoing;
  }

  /** Position of the next item that can be had. */
  get next(): number {
    return this.#current?.position ?? this.#next;
  }

  /** Reads forward to the item at a position, which may be asked for again; null where there is none, or none any more. */
  async at(position: number): Promise<LoggedItem | null> {
    let until = performance.now() + TURN_MS;
    while (this.#current === null || this.#current.position < position) {
      if (this.read() === null) return null;
      if (performance.now() < until) continue;
      await new Promise<void>((resolve) => setImmediate(resolve));
      until = performance.now() + TURN_MS;
    }
    return this.#current.position === position ? this.#current : null;
  }

  /** The next item; null where there is none yet. */
  read(): LoggedItem | null {
    const item = this.#source.next();
    if (item === null) return null;
    this.#next = item.position + 1;
    this.#current = this.#followed(item);
    return this.#current;
  }

  /** Episodes whose end has not come: after the last item, those that were cut off. */
  get open(): readonly { readonly episode: number; readonly summary: SummaryView }[] {
    return [...this.#trackers].map(([episode, tracker]) => ({ episode, summary: tracker.summary() }));
  }

  close(): void {
    this.#source.close();
  }

  #followed(item: RunItem): LoggedItem {
    const { record, episode } = item;
    let view: StepView | null = null;
    let summary: SummaryView | null = null;
    if (record.type === "episode-start") this.#trackers.set(episode!, new EpisodeTracker(record, episode!));
    else if (record.type === "step") view = this.#trackers.get(episode!)?.step(record) ?? null;
    else if (record.type === "episode-end") {
      const tracker = this.#trackers.get(episode!);
      this.#trackers.delete(episode!);
      view = tracker?.lastView ?? null;
      summary = tracker?.summary(record) ?? null;
    }
    // What was taken when nobody was there to decide: what was not decided is decided now.
    const isKey =
      record.type === "step" && item.decisions.draw === null && view !== null && view.reasons.length > 0;
    const key = item.decisions.key.length > 0 || isKey;
    const passed = this.#outgoing?.pass(record, episode) ?? null;
    const shown = passed === null ? record : passed.record;
    const similarity = similarityOf(record, passed === null ? view : passed.view);
    return {
      ...{ ...item, view, summary, passed },
      sinkItem: shown === null ? null : sinkItem({ ...item, record: shown }, key, similarity),
    };
  }
}

function similarityOf(record: StreamRecord, view: StepView | null): number | null {
  if (record.type === "episode-end") return record.totals.final_similarity;
  return record.type === "step" ? (view?.similarity ?? null) : null;
}

function sinkItem(
  { position, record, episode, decisions }: RunItem,
  key: boolean,
  similarity: number | null,
): RecordItem {
  const { type } = record;
  return { position, type, record, episode, global_step: decisions.global_step, key, similarity };
}
