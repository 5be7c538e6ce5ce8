import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Artifact, PluginContext, RecordItem, SinkItem } from "@episcope/core";
import type { PlainObject, PlainValue } from "@episcope/records";
import { isMarkedStep, maskSecrets, pointOf } from "@episcope/tracker";
import type { TrackioOptions } from "./options.js";

/** What is sent of one item. Types, because they are plain data. */
export type TrackioRow =
  | { readonly kind: "numbers"; readonly step: number; readonly metrics: PlainObject }
  | {
      readonly kind: "config";
      readonly step: number;
      readonly metrics: PlainObject;
      readonly config: PlainObject;
    }
  /** `file`: its name below `trackio/media`. */
  | {
      readonly kind: "picture";
      readonly step: number;
      readonly key: string;
      readonly file: string;
      readonly caption: string;
    };

/** Folder of pictures in the run directory: an outbox holds text. */
export function mediaFolder(runDir: string): string {
  return join(runDir, "trackio", "media");
}

/** Makes rows of items; a picture's file is written before its row. */
export function createRows(
  options: TrackioOptions,
  { fs, paths, run }: PluginContext,
): (item: SinkItem) => readonly TrackioRow[] {
  const isSampled = (step: number, isMarked: boolean): boolean =>
    options.log_frequency > 0 && (isMarked || step % options.log_frequency === 0);
  const folder = mediaFolder(paths.runDir);

  function pictureRows(picture: Artifact): TrackioRow[] {
    const isStep = picture.view === "step";
    if (isStep && !isSampled(picture.global_step, picture.key)) return [];
    const hash = createHash("sha256").update(picture.bytes).digest("hex").slice(0, 20);
    const file = `${picture.view}_${picture.global_step}_${hash}.png`;
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(join(folder, file), picture.bytes);
    const step = isStep ? picture.global_step : (picture.episode ?? 0);
    const caption = `episode ${picture.episode}, ${isStep ? `step ${picture.step}` : picture.view}`;
    return [{ kind: "picture", step, key: `pictures/${picture.view}`, file, caption }];
  }

  function recordRows(item: RecordItem): TrackioRow[] {
    if (item.record.type === "run-start") {
      const { model_topology: _, ...meta } = maskSecrets(item.record.meta);
      const created = new Date(run.startTime * 1000).toISOString();
      const config = { ...meta, episcope: maskSecrets(run.config), _Group: options.group, _Created: created };
      return [{ kind: "config", step: 0, metrics: { config_hash: run.configHash }, config }];
    }
    const point = pointOf(item);
    if (point === null || (point.axis === "step" && !isSampled(point.step, isMarkedStep(item)))) return [];
    const histograms = Object.entries(point.histograms).map(([name, histogram]) => [
      name in point.scalars ? `${name}_histogram` : name,
      { _type: "trackio.histogram", bins: [...histogram.bins], values: [...histogram.values] },
    ]);
    const metrics = { ...numbersOf(point.scalars), ...point.texts, ...Object.fromEntries(histograms) };
    return [{ kind: "numbers", step: point.step, metrics }];
  }

  return (item) => (isPicture(item) ? pictureRows(item) : recordRows(item));
}

/** As Trackio writes what JSON lacks. */
function numbersOf(scalars: { readonly [name: string]: number }): { [name: string]: PlainValue } {
  return Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [name, Number.isFinite(value) ? value : String(value)]),
  );
}

function isPicture(item: SinkItem): item is Artifact {
  return item.type.startsWith("picture/");
}
