import type { FileSystem } from "@episcope/records/store";
import type { Logger } from "../contract/plugin.js";
import type { Format } from "../contract/roles.js";
import { type ExportedJournal, exportJournal } from "./export-journal.js";
import { PluginWorker } from "./plugin-worker.js";
import { JournalSealer, type SealReport, type SealRequest } from "./seal-journals.js";
import type { WorkerSetup } from "./worker-messages.js";

/** Makes journals and exports, here or in a thread of its own. */
export interface JournalSealing {
  run(request: SealRequest): Promise<SealReport>;
  /** Exports an episode that is sealed. */
  export(journal: string, number: number): Promise<ExportedJournal>;
  close(): Promise<void>;
}

/** On this thread, with a format that lives in the program's memory. */
export function sealHere(fs: FileSystem, compression: boolean, format: Format | null): JournalSealing {
  const sealer = new JournalSealer({ fs, compression, format: async () => format });
  return {
    run: (request) => sealer.run(request),
    export: (journal, number) => exportJournal(fs, journal, number, format),
    close: async () => sealer.close(),
  };
}

/** In one worker: a long episode costs the producer nothing. */
export function sealInWorker(setup: WorkerSetup, logger: Logger): JournalSealing {
  const worker = new PluginWorker(setup, logger);
  // What a worker had sealed when it died another one finds on the disk, so it is simply asked again.
  const ask = <Result>(request: Parameters<PluginWorker["call"]>[0]): Promise<Result> =>
    worker.call<Result>(request).catch(() => worker.call<Result>(request));
  return {
    run: (request) => ask({ do: "seal", request }),
    export: (journal, number) => ask({ do: "export", journal, number }),
    close: () => worker.terminate(),
  };
}
