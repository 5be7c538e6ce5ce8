import { resolve } from "node:path";
import { Option } from "commander";
import { type Composed, composeRun } from "../compose/compose-run.js";
import { checkLocked } from "../compose/config-lock.js";
import type { RecordConfig } from "../compose/primary-schemas.js";
import { declareShowFlags, type ShowFlags, showInstead } from "../compose/show-flags.js";
import { drawClosedRun } from "../recording/draw-closed-run.js";
import { declareRecorderFlags, openRecorder, type RecorderFlags } from "../recording/open-recorder.js";
import { describeRecording, recordingStatus } from "../recording/recording-report.js";
import { declareSweepFlags, type OnError, runSweep, type Swept } from "../recording/run-sweep.js";
import { beginStream } from "../stream/begin-stream.js";
import { ingest, type Refused } from "../stream/ingest.js";
import { isLive, openInput } from "../stream/open-input.js";
import { readMessages } from "../stream/read-messages.js";
import { fileAsOverride, flagInvalid, inputUnreadable, streamNotRepeatable } from "../terminal/errors.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { LiveProgress } from "../terminal/live-progress.js";
import { Tally } from "../terminal/tally.js";
import { counted } from "../terminal/words.js";
import type { Verb } from "./verb.js";

type RecordFlags = ShowFlags &
  RecorderFlags & {
    readonly ackFd?: string;
    readonly multirun?: boolean;
    readonly run?: boolean;
    readonly onError?: OnError;
  };

export const recordVerb: Verb<RecordFlags> = {
  declare(command) {
    declareRecorderFlags(command);
    declareShowFlags(command);
    declareSweepFlags(command);
    command.addOption(
      new Option(
        "--ack-fd <descriptor>",
        "the open descriptor on which the producer hears answers",
      ).conflicts("multirun"),
    );
  },
  async run({ words, flags }, io) {
    refuseFileAsOverride(words, io);
    if (await showInstead("record", words, flags, io)) return EXIT.done;
    await checkLocked("record", words, flags, io);
    if (flags.multirun === true) return runSweep(sweptRecord(flags, io), words, flags, io);
    return record(await composeRun<RecordConfig>("record", words, flags, io), flags, io);
  },
};

/** A sweep records files, each as often as the sweep says: what is read as it comes cannot be read again. */
function sweptRecord(flags: RecordFlags, io: ProgramIo): Swept<RecordConfig> {
  return {
    primary: "record",
    check: ({ input }) => {
      if (isLive(input, io)) throw streamNotRepeatable(input);
    },
    run: (composed, own) => record(composed, flags, own),
  };
}

/** Records what one config says. */
export async function record(
  composed: Composed<RecordConfig>,
  flags: Pick<RecordFlags, "ackFd" | "allowPlugins">,
  io: ProgramIo,
): Promise<ExitStatus> {
  const ackFd = flags.ackFd === undefined ? undefined : Number(flags.ackFd);
  if (ackFd !== undefined && !(Number.isInteger(ackFd) && ackFd > 0)) {
    throw flagInvalid("--ack-fd", flags.ackFd!, "the number of an open descriptor");
  }
  const { config } = composed;
  // Opened before the run's directory is made, so that a wrong name leaves nothing behind.
  const input = await openInput(config.input, ackFd, io);
  const stream = await beginStream(readMessages(input.bytes), input.answer).catch(async (error: unknown) => {
    await input.close();
    throw readingFailure(config.input, error);
  });
  if (stream === null) {
    await input.close();
    io.message("The input is empty: nothing was recorded, and no run was made.");
    return EXIT.done;
  }
  const run = await openRecorder(composed, flags, io).catch(async (error: unknown) => {
    // A producer at a socket must see that nobody listens.
    await input.close();
    throw error;
  });
  let refused: Refused;
  const tally = new Tally();
  // Taken away before anything is printed below it.
  {
    using _progress = new LiveProgress(run, tally, io);
    try {
      refused = await ingest(stream, run, {
        reportRefusal: (text) => io.message(text),
        onRecord: (record) => tally.count(record),
        ...(input.answer === undefined ? {} : { answer: input.answer }),
      });
      // The producer is gone and nobody is slowed: what is queued is drawn, however long it takes.
      await run.flush({ outputs: true });
    } catch (error) {
      throw readingFailure(config.input, error);
    } finally {
      await run.close();
      await input.close();
    }
  }
  drawClosedRun(run, config, io);
  if (run.stats().episodes === 0)
    io.message("The input held no episode: there is nothing to show of this run.");
  io.message(describeRecording(run, config, io));
  await io.out(`${run.dir}\n`);
  const { messages, records } = refused;
  if (messages + records === 0) return recordingStatus(run);
  const parts = [
    ...(messages > 0 ? [counted(messages, "message")] : []),
    ...(records > 0 ? [counted(records, "record")] : []),
  ];
  const were = messages + records === 1 ? "was refused and is" : "were refused and are";
  io.message(`${parts.join(" and ")} of the input ${were} not in the run.`);
  return EXIT.repairedWithLoss;
}

/** What the system says of an input that it cannot read is about the input. */
function readingFailure(input: string, error: unknown): unknown {
  return (error as NodeJS.ErrnoException).syscall === undefined ? error : inputUnreadable(input, error);
}

/** `episcope record stream.ndjson` is what everybody tries first. */
function refuseFileAsOverride(words: readonly string[], io: ProgramIo): void {
  const file = words.find((word) => !/[=@~+]/.test(word) && io.fs.existsSync(resolve(io.cwd, word)));
  if (file !== undefined) throw fileAsOverride(file);
}
