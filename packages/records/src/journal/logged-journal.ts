import type { FileSystem } from "../disk/file-system.js";
import { LogReader } from "../log/log-reader.js";
import { fileInMemory } from "./file-in-memory.js";
import { JournalBuilder } from "./journal-builder.js";
import { JournalReader } from "./journal-reader.js";

/** A journal, in memory, of an episode that only the log has, from the position of its first record on. */
export function openLoggedJournal(
  fs: FileSystem,
  logDir: string,
  path: string,
  number: number,
  first: number,
): JournalReader {
  const builder = new JournalBuilder({ kind: "sealed", episode: number, compression: false });
  using reader = new LogReader(logDir, { fs, from: first, glances: true });
  for (let item = reader.next(); item !== null; item = reader.next()) {
    if (item.episode !== number) continue;
    builder.add(item);
    if (item.record.type === "episode-end") break;
  }
  builder.finish();
  return new JournalReader(path, { fs: fileInMemory(builder.peek()) });
}
