import { type Episode, openRun, type Run } from "@episcope/core";
import {
  type Action,
  type EpisodeMode,
  type Grid,
  gridFromText,
  type Outcome,
  type PlainObject,
  type StepInfo,
} from "@episcope/records";
import { RunReader } from "@episcope/records/store";
import { memoryDisk, type TestDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { runOptions } from "@episcope/testing/small-run";

export interface InventedStep {
  /** Rows of digits, for instance "12/34". */
  readonly after: string;
  readonly operation?: number;
  readonly name?: string;
  readonly selection?: Action["selection"];
  readonly reward?: number;
  readonly info?: StepInfo;
  readonly terminated?: boolean;
}

export interface InventedEpisode {
  readonly task?: string;
  readonly pair?: number;
  readonly mode?: EpisodeMode;
  readonly initial: string;
  readonly target: string | null;
  readonly steps: readonly InventedStep[];
  readonly outcome?: Outcome;
  readonly meta?: PlainObject;
}

export const SUBMIT = 34;

export function grid(rows: string): Grid {
  return gridFromText(rows.split("/"));
}

/** Records episodes into `outputs/<name>` of a disk in memory, as a program would. */
export async function recordRun(
  episodes: readonly InventedEpisode[],
  { disk = memoryDisk(), name = "run" }: { disk?: TestDisk; name?: string } = {},
): Promise<{ disk: TestDisk; dir: string; run: RunReader }> {
  const config = testConfig({
    storage: { run_name: name },
    logging: { log_format: "json" },
    visualization: { debug_level: "off" },
  } as never);
  const run = await openRun(config, runOptions(disk));
  for (const episode of episodes) await recordEpisode(run, episode);
  await run.close();
  const dir = `/project/outputs/${name}`;
  return { disk, dir, run: new RunReader(dir, { fs: disk.fs }) };
}

async function recordEpisode(run: Run, invented: InventedEpisode): Promise<void> {
  const episode: Episode = run.startEpisode({
    taskId: invented.task ?? "task",
    pairIndex: invented.pair ?? 0,
    mode: invented.mode ?? "train",
    initial: grid(invented.initial),
    target: invented.target === null ? null : grid(invented.target),
    ...(invented.meta === undefined ? {} : { meta: invented.meta }),
  });
  for (const {
    after,
    operation = 1,
    name,
    selection,
    reward = 0,
    info = {},
    terminated = false,
  } of invented.steps) {
    episode.step({
      action: {
        operation,
        ...(name === undefined ? {} : { name }),
        ...(selection === undefined ? {} : { selection }),
      },
      after: grid(after),
      reward,
      info,
      terminated,
    });
  }
  await episode.end(invented.outcome === undefined ? {} : { outcome: invented.outcome });
}
