import type { EpisodeView, StepView, StreamRecord, SummaryView } from "@episcope/records";
import type { EpisodeManager, FileSystem } from "@episcope/records/store";
import { type DrawingPlan, drawsStep } from "../config/trigger.js";
import type { AsyncLogger } from "../output/async-logger.js";
import type { LoggedItem, LoggedItems } from "../output/logged-items.js";
import type { PicturePlace, Visualizer } from "../output/visualizer.js";

export interface RedeliverOptions {
  readonly items: LoggedItems;
  readonly asyncLogger: AsyncLogger;
  readonly visualizer: Visualizer;
  readonly manager: EpisodeManager;
  readonly fs: FileSystem;
  readonly plan: DrawingPlan;
  /** The page of an episode that is over; null where its journal is gone. */
  pageOf(episode: number): EpisodeView | null;
  report(error: unknown, key: string): void;
}

/**
 * Offers the outputs of an interrupted run everything that its log has; each takes what it had not got. What was decided
 * when the records came is not decided again. Waits for the outputs, so that no queue grows.
 */
export async function redeliver(options: RedeliverOptions): Promise<void> {
  const { items, asyncLogger } = options;
  for (let item = items.read(); item !== null; item = items.read()) {
    asyncLogger.head = item.position + 1;
    const { sinkItem, passed } = item;
    if (sinkItem !== null) asyncLogger.logRecord(sinkItem, item.decisions.priority);
    else asyncLogger.withhold(item.record.type, item.position);
    for (const view of viewsOf(item, options)) {
      const outgoing = view.kind === "step" ? passed?.view : passed?.summary;
      const shown = outgoing === undefined ? {} : { outgoing };
      const place = { position: item.position, globalStep: item.decisions.global_step ?? 0, ...shown };
      await draw(view, { ...place, key: view.kind === "step" && view.reasons.length > 0 }, options);
    }
    await asyncLogger.room();
  }
  await drawCutOff(options);
}

/** What is drawn at an item. */
function* viewsOf(
  { record, decisions, view, summary, episode }: LoggedItem,
  { plan, manager, visualizer, pageOf }: RedeliverOptions,
): Generator<StepView | SummaryView | EpisodeView> {
  if (view !== null && (decisions.draw ?? wouldDraw(record.type, view, plan))) yield view;
  if (summary === null || !plan.summary || !manager.mayDraw(episode!)) return;
  yield summary;
  if (visualizer.renderersFor("episode").length === 0) return;
  const page = pageOf(episode!);
  if (page !== null) yield page;
}

/** What the config says of the view at a record, where nobody had decided. */
export function wouldDraw(type: StreamRecord["type"], view: StepView, plan: DrawingPlan): boolean {
  // An episode that is cut short has its last step among the key steps only at its end.
  return type === "step" ? drawsStep(plan, view) : plan.steps === "key" && !drawsStep(plan, view);
}

async function draw(
  view: StepView | SummaryView | EpisodeView,
  place: PicturePlace,
  { asyncLogger, report }: RedeliverOptions,
): Promise<void> {
  try {
    await asyncLogger.drawAgain({ view, place });
  } catch (error) {
    report(error, "visualization.renderers");
  }
  if (view.kind === "step") asyncLogger.logStepVisualization(view, place);
  else asyncLogger.logEpisodeSummary(view, place);
}

/** Summaries of episodes without an end; nothing in the log stands for them. */
async function drawCutOff(options: RedeliverOptions): Promise<void> {
  const { items, plan, manager, visualizer, fs, pageOf, report } = options;
  const place = { position: options.asyncLogger.head, globalStep: 0, key: false };
  if (!plan.summary) return;
  for (const { episode, summary } of items.open) {
    if (!manager.mayDraw(episode)) continue;
    for (const name of visualizer.renderersFor("summary").concat(visualizer.renderersFor("episode"))) {
      if (!visualizer.storesFiles(name)) continue;
      const path = manager.getEpisodeSummaryPath(episode, visualizer.extensionOf(name));
      const view = visualizer.renderersFor("summary").includes(name) ? summary : pageOf(episode);
      if (fs.existsSync(path) || view === null) continue;
      try {
        await visualizer.visualizeEpisodeSummary(name, view, place);
      } catch (error) {
        report(error, `visualization.renderers.${name}`);
      }
    }
  }
}
