import { createHash } from "node:crypto";
import { join } from "node:path";
import { definePlugin, type PluginContext, type PluginDefinition, type Sink } from "@episcope/core/plugin";
import { createOutboxSink, HTTP_TRANSPORT, type OutboxReport, type Waiting } from "@episcope/tracker";
import { TRACKIO_OPTIONS_SCHEMA, type TrackioOptions } from "./options.js";
import { createRows, type TrackioRow } from "./rows.js";
import { type Environment, findServer, sendRows, type TrackioRun } from "./server.js";
import { RUN_FILE } from "./sync.js";

export { TRACKIO_OPTIONS_SCHEMA, type TrackioOptions } from "./options.js";
export { hasTrackioRows, syncTrackioRun, type TrackioSyncOptions } from "./sync.js";
export type { OutboxReport };

/** Opens the sink in a world of the caller's. Throws TRACKER_OUTBOX_NOT_WRITTEN, and nothing because of the network. */
export function createTrackioSink(
  options: TrackioOptions,
  context: PluginContext,
  { env, waiting }: { readonly env: Environment; readonly waiting?: Waiting },
): Sink {
  const { fs, logger, paths } = context;
  const server = findServer(options.server, env, fs);
  if (server === null) {
    logger.info(
      "Trackio: no server and token were found, the rows stay in the run: set TRACKIO_SERVER_URL and TRACKIO_WRITE_TOKEN; 'episcope sync' sends them later",
    );
  }
  const run = identityOf(options.project, context);
  noteRun(context, { ...run, server: options.server });
  const pictures = options.pictures ? ["picture/png"] : [];
  return createOutboxSink<TrackioRow>({
    ...{ context, title: "Trackio", folder: "trackio", env, isOnline: server !== null },
    ...(waiting === undefined ? {} : { waiting }),
    ...{ finishTimeout: options.finish_timeout, retryDelay: options.retry_delay },
    accepts: ["run-start", "step", "episode-end", "metrics", "batch", ...pictures],
    rowsOf: createRows(options, context),
    send: (rows, to) => sendRows(rows, to, { server: server!, run: { ...run, runDir: paths.runDir }, fs }),
  });
}

function identityOf(project: string, { run, paths }: PluginContext): Omit<TrackioRun, "runDir"> {
  const seed = [run.name, run.configHash, run.startTime, paths.runDir].join("\n");
  return { project, name: run.name, id: createHash("sha256").update(seed).digest("hex").slice(0, 32) };
}

/** So that the rows can be sent later; without the token, which stands in no file of ours. */
function noteRun({ fs, paths }: PluginContext, about: object): void {
  const folder = join(paths.runDir, "trackio");
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(join(folder, RUN_FILE), `${JSON.stringify(about)}\n`);
  } catch {
    // The outbox is made next, and says what is wrong.
  }
}

const trackio: PluginDefinition<"sink", TrackioOptions> = definePlugin({
  kind: "sink",
  name: "trackio",
  module: import.meta.url,
  needs: [HTTP_TRANSPORT],
  options: TRACKIO_OPTIONS_SCHEMA,
  create: (options, context) => createTrackioSink(options, context, { env: process.env }),
});

export default trackio;
