// What the snippets of the documents take for granted. A snippet that names none of these must run by itself.
import type { ArcTask, ArcEnvironment as Environment } from "@episcope/arc-env";
import type { EpiscopeConfig, PluginDefinition, PluginEntry } from "@episcope/core";
import type { ProgressStats } from "@episcope/plugin-terminal";
import type { EpisodeView, Grid, StepView } from "@episcope/records";

declare global {
  const config: EpiscopeConfig;
  const svg: PluginEntry;
  const png: PluginEntry;
  const sqlite: PluginDefinition<"sink", { readonly file: string }>;
  const target: Grid;
  const after: Grid;
  const view: EpisodeView;
  const stepView: StepView;
  const episodeView: EpisodeView;
  const stats: ProgressStats;
  const ArcEnvironment: typeof Environment;
  const task: ArcTask;
}
