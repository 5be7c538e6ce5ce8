import { join } from "node:path";
import type { EpiscopeConfig } from "@episcope/core";
import { type PageLink, runPage } from "@episcope/plugin-html";
import { PictureRaster } from "@episcope/plugin-png";
import { viewToSvg } from "@episcope/plugin-svg";
import type { MetricsView, PictureSettings, TaskView, View } from "@episcope/records";
import { type RunReader, RunViews } from "@episcope/records/store";
import type { ProgramIo } from "../terminal/io.js";
import { taskFileNames } from "./task-file-names.js";

/** Where the overview of a run stands, in its directory. */
export const RUN_PAGE = "index.html";
const TASK_FOLDER = "tasks";
/** Files of an episode that its row links to, in this order. */
const LINKED = ["html", "svg", "png"] as const;

/** Whether a run of this config gets an overview: where its episodes get summaries, and are kept. */
export function drawsRunPictures({ visualization, logging }: EpiscopeConfig): boolean {
  const { debug_level, output_formats, summary_picture } = visualization;
  const summaries = summary_picture === "auto" ? debug_level !== "off" : summary_picture;
  return logging.structured_logging && summaries && output_formats.length > 0;
}

/**
 * Draws what shows a run as a whole into a directory: `index.html`; `run.svg`, `metrics.svg` and one overview per task
 * in the formats of the config (at level `minimal` the page alone). Gives the paths, relative to the directory.
 */
export function writeRunPictures(
  reader: RunReader,
  config: EpiscopeConfig,
  directory: string,
  io: Pick<ProgramIo, "fs">,
): string[] {
  const { visualization } = config;
  const settings: PictureSettings = visualization;
  const views = new RunViews(reader);
  const run = views.run();
  const metrics = views.metrics();
  const written: string[] = [];
  const write = (path: string, bytes: Uint8Array): void => {
    io.fs.writeFileSync(join(directory, path), bytes);
    written.push(path);
  };
  const draw = pictureWriter(visualization.output_formats, settings, write);
  let tasks: PageLink[] = [];
  if (visualization.debug_level !== "minimal") {
    draw("run", run);
    if (hasMetrics(metrics)) draw("metrics", metrics);
    tasks = drawTasks(views.tasks(), directory, io, draw);
  }
  const linksOf = (number: number): readonly PageLink[] => episodeLinks(reader, number, io);
  write(RUN_PAGE, runPage(run, { settings, metrics, linksOf, tasks }));
  return written;
}

function hasMetrics({ curves, histograms }: MetricsView): boolean {
  return curves.length + histograms.length > 0;
}

/** Writes a view once for each of the formats that are pictures; gives the first path. */
type DrawView = (name: string, view: View) => string | null;

function pictureWriter(
  formats: readonly string[],
  settings: PictureSettings,
  write: (path: string, bytes: Uint8Array) => void,
): DrawView {
  let raster: PictureRaster | undefined;
  return (name, view) => {
    const paths: string[] = [];
    for (const format of formats) {
      const path = `${name}.${format}`;
      if (format === "svg") write(path, viewToSvg(view, settings));
      else if (format === "png") {
        raster ??= new PictureRaster();
        write(path, raster.drawView(view, settings));
      } else continue;
      paths.push(path);
    }
    return paths[0] ?? null;
  };
}

function drawTasks(
  tasks: readonly TaskView[],
  directory: string,
  { fs }: Pick<ProgramIo, "fs">,
  draw: DrawView,
): PageLink[] {
  if (tasks.length > 0) fs.mkdirSync(join(directory, TASK_FOLDER), { recursive: true });
  const names = taskFileNames(tasks.map(({ task_id }) => task_id));
  return tasks.flatMap((task, index) => {
    const path = draw(`${TASK_FOLDER}/${names[index]}`, task);
    return path === null ? [] : [{ text: task.task_id, path }];
  });
}

function episodeLinks(reader: RunReader, number: number, { fs }: Pick<ProgramIo, "fs">): PageLink[] {
  const { dir } = reader.episode(number);
  return LINKED.filter((extension) =>
    fs.existsSync(join(reader.episodeDir(number), `summary.${extension}`)),
  ).map((extension) => ({
    text: extension === "html" ? "page" : extension,
    path: `${dir}/summary.${extension}`,
  }));
}
