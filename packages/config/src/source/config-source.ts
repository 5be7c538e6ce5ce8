/** One text of a config source. Sources return the same object as long as the text is the same: it is parsed once. */
export interface ConfigText {
  readonly text: string;
  /** How the file is shown to people, e.g. `conf/db/mysql.yaml`. */
  readonly label: string;
}

/**
 * Where configs come from: a folder, a map in memory, a package. Names are relative, with `/` between segments;
 * a source never sees a name that leaves its root. `@episcope/config/node` has the one for folders.
 */
export interface ConfigSource {
  /** `file`, `pkg`, `memory`, …: shown before `://`. */
  readonly scheme: string;
  readonly path: string;
  /** What put it on the search path. Default: `main`. */
  readonly provider?: string;
  /** Whether the root exists. */
  isAvailable(): boolean;
  /** The text of a file (`db/mysql.yaml`); undefined when there is none. */
  read(file: string): ConfigText | undefined;
  /** Whether the name is a folder; `""` is the root. */
  isGroup(group: string): boolean;
  /** Names of the files and folders directly in a group, in any order. */
  list(group: string): readonly string[];
}

/** `scheme://path`, as people see a source. */
export function sourceUrl(source: ConfigSource): string {
  return `${source.scheme}://${source.path}`;
}
