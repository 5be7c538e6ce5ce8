import { join } from "node:path";
import type { Artifact, PluginContext, RecordItem, Sink, SinkItem } from "@episcope/core";
import type { PlainValue, RunEndRecord, RunStartRecord } from "@episcope/records";
import { isMarkedStep, maskSecrets, type Point, pngSize, pointOf } from "@episcope/tracker";
import { EventFile, type EventFilePosition } from "./format/event-file.js";
import {
  histogramValue,
  hparamsEndValue,
  hparamsExperimentValue,
  hparamsStartValue,
  imageValue,
  type SummaryValue,
  scalarValue,
  summaryEvent,
  textValue,
} from "./format/events.js";
import { hyperparametersOf } from "./hyperparameters.js";
import type { TensorboardOptions } from "./options.js";

/** The numbers that the table of hyper-parameters shows. */
const TABLE_METRICS = ["episode/success", "episode/reward", "episode/final_similarity"];

/** Opens the event file of a run. Throws TENSORBOARD_NOT_WRITTEN. */
export function createTensorboardSink(options: TensorboardOptions, context: PluginContext): Sink {
  const { fs, clock, paths, resume } = context;
  const folder = join(paths.runDir, options.folder);
  const state = resume?.state as TensorboardState | null | undefined;
  const known = state ? EventFile.reopen(fs, folder, state) : null;
  const file = known ?? EventFile.create(fs, folder, clock.now());
  return new TensorboardSink(file, state?.time ?? context.run.startTime, options, context);
}

/** Plain data, kept beside the position in the run's log. */
interface TensorboardState extends EventFilePosition {
  /** Unix seconds of the newest record. */
  readonly time: number;
}

class TensorboardSink implements Sink {
  readonly accepts: readonly string[];
  readonly #file: EventFile;
  readonly #options: TensorboardOptions;
  readonly #context: PluginContext;
  /** What is composed and not written: a batch that comes again is composed once. */
  #pending: Uint8Array[] = [];
  #unwritten: readonly SinkItem[] | null = null;
  /** Unix seconds of the newest record: a picture has no time of its own. */
  #time: number;

  constructor(file: EventFile, time: number, options: TensorboardOptions, context: PluginContext) {
    this.#file = file;
    this.#options = options;
    this.#context = context;
    this.#time = time;
    const pictures = options.pictures ? ["picture/png"] : [];
    this.accepts = ["run-start", "step", "episode-end", "metrics", "batch", "run-end", ...pictures];
  }

  write(batch: readonly SinkItem[]): void {
    if (batch !== this.#unwritten) {
      this.#unwritten = batch;
      for (const item of batch) this.#compose(item);
    }
    this.#file.append(this.#pending);
    this.#pending = [];
    this.#unwritten = null;
  }

  flush(): PlainValue {
    this.#file.sync();
    const state: TensorboardState = { ...this.#file.position, time: this.#time };
    return { ...state };
  }

  close(): void {
    this.#file.close();
  }

  #compose(item: SinkItem): void {
    if (isPicture(item)) this.#composePicture(item);
    else if (item.record.type === "run-start") this.#composeStart(item.record);
    else if (item.record.type === "run-end") this.#composeEnd(item.record);
    else this.#composePoint(item);
  }

  #composePoint(item: RecordItem): void {
    this.#time = item.record.time;
    const point = pointOf(item);
    if (point === null || (point.axis === "step" && !this.#isSampled(point.step, isMarkedStep(item)))) return;
    this.#add(point, [
      ...Object.entries(point.scalars).map(([name, value]) => scalarValue(name, value)),
      ...Object.entries(point.histograms).map(([name, histogram]) => histogramValue(name, histogram)),
      ...textsOf(point, item),
    ]);
  }

  #composePicture(picture: Artifact): void {
    const isStep = picture.view === "step";
    if (isStep && !this.#isSampled(picture.global_step, picture.key)) return;
    const size = pngSize(picture.bytes);
    if (size === null) return;
    const step = isStep ? picture.global_step : (picture.episode ?? 0);
    this.#add({ time: this.#time, step }, [imageValue(`pictures/${picture.view}`, picture.bytes, size)]);
  }

  #composeStart({ meta, time }: RunStartRecord): void {
    const { run } = this.#context;
    const parameters = hyperparametersOf(meta);
    parameters.set("config_hash", run.configHash);
    this.#add({ time, step: 0 }, [
      hparamsExperimentValue(parameters, TABLE_METRICS, time),
      hparamsStartValue(parameters, { name: run.name, startTime: run.startTime }),
      textValue("config", `\`\`\`json\n${JSON.stringify(maskSecrets(run.config), null, 2)}\n\`\`\``),
    ]);
  }

  #composeEnd({ outcome, time }: RunEndRecord): void {
    this.#add({ time, step: 0 }, [hparamsEndValue(outcome === "finished", time)]);
  }

  #add(place: { readonly time: number; readonly step: number }, values: readonly SummaryValue[]): void {
    if (values.length > 0) this.#pending.push(summaryEvent(place, values));
  }

  #isSampled(globalStep: number, isMarked: boolean): boolean {
    const { log_frequency } = this.#options;
    return log_frequency > 0 && (isMarked || globalStep % log_frequency === 0);
  }
}

/** Texts of episodes only: one for each step would be a list that nobody reads. */
function textsOf({ axis, texts }: Point, { record }: RecordItem): SummaryValue[] {
  if (axis !== "episode" || record.type !== "episode-end") return [];
  return Object.entries(texts).map(([name, text]) => textValue(name, text));
}

function isPicture(item: SinkItem): item is Artifact {
  return item.type.startsWith("picture/");
}
