import type { FileSystem } from "@episcope/records/store";
import type { Logger } from "../contract/plugin.js";
import type { Format } from "../contract/roles.js";
import { finishJournal } from "./finish-journal.js";
import { PluginWorker } from "./plugin-worker.js";
import type { FinishedJournal, WorkerSetup } from "./worker-messages.js";

/** Seals and exports journals, here or in a thread of its own. */
export interface JournalFinisher {
  finish(journal: string, number: number, compression: boolean): Promise<FinishedJournal>;
  close(): Promise<void>;
}

/** Finishes journals on this thread, with a format that lives in the program's memory. */
export function finishHere(fs: FileSystem, format: Format | null): JournalFinisher {
  return {
    finish: (journal, number, compression) => finishJournal({ fs, journal, number, compression, format }),
    close: async () => {},
  };
}

/** Finishes journals in one worker, in the order of their ends: a long episode costs the producer nothing. */
export function finishInWorker(setup: WorkerSetup, logger: Logger): JournalFinisher {
  const worker = new PluginWorker(setup, logger);
  const once = (journal: string, number: number, compression: boolean): Promise<FinishedJournal> =>
    worker.call({ do: "finish", journal, number, compression });
  return {
    // Sealing what is sealed changes nothing, so a worker that died in the middle is simply asked again.
    finish: (journal, number, compression) =>
      once(journal, number, compression).catch(() => once(journal, number, compression)),
    close: () => worker.terminate(),
  };
}
