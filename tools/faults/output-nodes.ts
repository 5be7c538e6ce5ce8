import { devNull } from "node:os";

/** Overrides of a run with pictures of every step and a sink, from the modules beside the child programs. */
export function outputNodes(notes: string): string[] {
  return [
    "visualization.debug_level=full",
    "visualization.output_formats=[drawn]",
    "visualization.step_pictures=all",
    "visualization.state_dumps=false",
    `+visualization.renderers.drawn={_target_: ./faulty-renderer.mjs, starts: ${devNull}, how: never}`,
    `+logging.sinks.noting={_target_: ./noting-sink.mjs, file: ${JSON.stringify(notes)}}`,
    "logging.async_logger.queue_size=20",
    "logging.async_logger.worker_threads=1",
  ];
}
