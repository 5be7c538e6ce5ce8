import { escapePlain } from "../../record/plain.js";
import type { PlainValue } from "../../record/record.js";
import { type EpisodeLogSource, episodeLogHead, stepLogEntries } from "./episode-log.js";

/** Version of the JSON export; `docs/formats.md` describes it. */
export const JSON_EPISODE_VERSION = 1;

export interface JsonEpisodeOptions {
  /** Hash of the run's config. */
  readonly configHash: string;
}

/**
 * An episode as JSON text, piece by piece: the fields of EpisodeLogEntry one per line, then one line per step. No piece
 * is larger than a step. Numbers that JSON has no notation for are the words of the record stream.
 */
export function* encodeJsonEpisode(
  source: EpisodeLogSource,
  { configHash }: JsonEpisodeOptions,
): Generator<string> {
  const head = {
    format: "episcope-episode",
    version: JSON_EPISODE_VERSION,
    ...episodeLogHead(source, configHash),
  };
  yield "{\n";
  for (const [name, value] of Object.entries(head)) yield `  ${JSON.stringify(name)}: ${textOf(value)},\n`;
  yield '  "steps": [';
  let separator = "\n";
  for (const step of stepLogEntries(source)) {
    yield `${separator}    ${textOf(step)}`;
    separator = ",\n";
  }
  yield separator === "\n" ? "]\n}\n" : "\n  ]\n}\n";
}

function textOf(value: unknown): string {
  return JSON.stringify(escapePlain(value as PlainValue));
}
