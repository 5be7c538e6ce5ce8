import type { StreamRecord } from "@episcope/records";
import {
  type Decisions,
  JournalMaker,
  LogWriter,
  ManifestWriter,
  manifestEpisode,
} from "@episcope/records/store";
import { largeEpisode, paintingEpisode, resizingEpisode } from "@episcope/records/testing";
import { memoryDisk } from "./memory-disk.js";
import { filesOf, type RunFiles } from "./mutated-runs.js";

const RUN = "/runs/run_1";

/** Three episodes at once, metrics between them. */
function interleaved(): StreamRecord[] {
  const episodes = [paintingEpisode("a"), largeEpisode(70, "b"), resizingEpisode("c")];
  const records: StreamRecord[] = [
    { type: "run-start", seq: 0, run: "run_1", time: 5, config_hash: "abc", meta: {} },
  ];
  for (let at = 0; at < 72; at++) {
    for (const list of episodes) if (at < list.length) records.push(list[at]!);
    if (at % 40 === 7) records.push({ type: "metrics", seq: 0, time: 6, step: at, values: { loss: 1 / at } });
  }
  return records.map((record, seq) => ({ ...record, seq }));
}

/**
 * The files of a run of format 2 whose recorder has died: its log, and the journals of what came before the record
 * `journals`; or of one that was closed, which has no log any more.
 */
export function loggedRun({
  journals,
  closed = false,
}: {
  readonly journals: number;
  readonly closed?: boolean;
}): RunFiles {
  const { fs } = memoryDisk();
  fs.mkdirSync(RUN, { recursive: true });
  const manifest = new ManifestWriter(RUN, { fs, run: "run_1", created: 5 });
  manifest.write();
  const writer = new LogWriter(`${RUN}/log`, { fs, segmentBytes: 2000 });
  let steps = 0;
  const stream = interleaved();
  for (const record of closed ? stream : stream.slice(0, -4)) {
    const isStep = record.type === "step";
    const decisions: Decisions = {
      global_step: steps,
      priority: 0,
      key: [],
      draw: isStep ? steps % 5 === 0 : null,
    };
    if (isStep) steps += 1;
    writer.append(record, decisions);
  }
  writer.close();
  using maker = new JournalMaker({
    fs,
    logDir: `${RUN}/log`,
    runJournal: `${RUN}/run.epi`,
    journalPath: (number) => `${RUN}/episode_000${number}/journal.epi`,
    onSealed: ({ number, start, end, first, last }) => {
      if (start === null) return;
      const dir = `episode_000${number}`;
      const positions = { first, last };
      const files = ["journal.epi"];
      manifest.add(manifestEpisode(fs, RUN, { number, dir, start, end: end ?? undefined, files, positions }));
    },
  });
  if (closed) {
    while (maker.run());
    maker.finish();
    manifest.finish({
      journal: { accepted: stream.length, written: stream.length, dropped: 0, reasons: {} },
    });
    fs.rmSync(`${RUN}/log`, { recursive: true });
  } else {
    maker.run(journals, journals);
    maker.checkpoint();
    writer.release(maker.released);
  }
  return filesOf(fs, RUN);
}
