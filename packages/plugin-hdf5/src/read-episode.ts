import { isObject, unescapePlain as unescaped } from "@episcope/records";
import { type ExportedEpisode, exportedEpisode } from "@episcope/records/store";
import { LAYOUT_VERSION, SELECTION_KINDS } from "./layout.js";
import type { Hdf5, Hdf5File, Hdf5Group } from "./library.js";

type Cells = { readonly shape: readonly [number, number]; readonly data: Uint8Array };

/** Reads an open file of ours back into records. Throws where it is none, or damaged. */
export function readEpisode(library: Hdf5, file: Hdf5File): ExportedEpisode {
  const reader = new EpisodeReader(library, file);
  return exportedEpisode(reader.head(), reader.steps());
}

class EpisodeReader {
  readonly #library: Hdf5;
  readonly #file: Hdf5File;

  constructor(library: Hdf5, file: Hdf5File) {
    this.#library = library;
    this.#file = file;
    if (this.#attribute("format") !== "episcope-episode")
      throw new Error("it does not say 'episcope-episode'");
    const version = this.#attribute("format_version");
    if (version !== LAYOUT_VERSION) {
      throw new Error(`it has layout version ${String(version)}, this program reads ${LAYOUT_VERSION}`);
    }
  }

  /** The members of an EpisodeLogEntry, but for its steps. */
  head(): { readonly [name: string]: unknown } {
    const number = (name: string): unknown => this.#attribute(name);
    const known = (name: string): unknown => {
      const value = this.#attribute(name);
      return Number.isNaN(value) ? null : value;
    };
    return {
      episode_num: number("episode_number"),
      config_hash: this.#text("config_hash"),
      start_timestamp: number("start_time"),
      end_timestamp: known("end_time"),
      total_steps: number("steps"),
      total_reward: number("reward"),
      final_similarity: known("final_similarity"),
      best_similarity: known("best_similarity"),
      outcome: this.#text("outcome"),
      task_id: this.#text("task_id"),
      pair_index: number("pair_index"),
      mode: this.#text("mode"),
      episode_key: this.#text("episode"),
      metadata: unescaped(JSON.parse(this.#value("meta_json") as string)),
      initial: this.#grid("initial"),
      input: this.#grid("input"),
      target: this.#grid("target"),
    };
  }

  *steps(): Generator<unknown> {
    const count = this.#numbers("steps/step").length;
    const column = (name: string): ArrayLike<number> => this.#numbers(`steps/${name}`);
    const [numbers, times, operations] = [column("step"), column("time"), column("operation")];
    const [rewards, similarities, successes] = [column("reward"), column("similarity"), column("success")];
    const [terminated, truncated] = [column("terminated"), column("truncated")];
    const [kinds, raw] = [column("selection_kind"), column("selection_raw")];
    const names = this.#names(count);
    const infos = this.#texts("steps/info_json", count);
    const states = this.#has("steps/state_json") ? this.#texts("steps/state_json", count) : null;
    const given = this.#extent("similarity_given", similarities);
    const masked = this.#extent("masked", null);
    const before = this.#grids("before", (at) => masked(at, 1));
    const after = this.#grids("after", (at) => masked(at, 2));
    const selected = this.#rows("steps/selection");
    const metrics = this.#metrics();
    for (let at = 0; at < count; at++) {
      const ownBefore = before(at);
      const info = unescaped(JSON.parse(infos[at]!)) as { [name: string]: unknown };
      const values = { ...metrics(at), ...(isObject(info["metrics"]) ? info["metrics"] : {}) };
      const hasMetrics = Object.keys(values).length > 0 || info["metrics"] !== undefined;
      const state = states?.[at] ?? "";
      yield {
        step_num: numbers[at],
        timestamp: times[at],
        before_state: ownBefore,
        action: {
          operation: operations[at],
          operation_name: names[at],
          selection: selection(kinds[at]!, raw, at, () => selected(at, ownBefore.grid.shape)),
        },
        after_state: after(at),
        reward: rewards[at],
        terminated: terminated[at] === 1,
        truncated: truncated[at] === 1,
        info: {
          ...info,
          ...(given(at, 1) ? { similarity: similarities[at] } : {}),
          ...(successes[at] === -1 ? {} : { success: successes[at] === 1 }),
          ...(hasMetrics ? { metrics: values } : {}),
        },
        ...(state === "" ? {} : { full_state: unescaped(JSON.parse(state)) }),
      };
    }
  }

  /** Of which steps something holds: of all, of none, or as a column of bits says. */
  #extent(name: string, column: ArrayLike<number> | null): (at: number, bit: number) => boolean {
    const steps = this.#file.get("steps") as Hdf5Group;
    // Files of earlier versions do not say it: their similarities count as the producer's where there are any.
    const said = steps.attrs[name]?.value ?? "none";
    if (steps.attrs[name] === undefined && column !== null) return (at) => !Number.isNaN(column[at]);
    if (said !== "some") return () => said === "all";
    const bits = this.#numbers(`steps/${name}`);
    return (at, bit) => (bits[at]! & bit) !== 0;
  }

  #grid(name: string): unknown {
    if (!this.#has(name)) return null;
    const dataset = this.#dataset(name);
    const [rows, columns] = dataset.attrs["shape"]!.value as unknown as readonly number[];
    const shape = [rows!, columns!] as const;
    const grid = this.#rows(name)(0, shape);
    const isMasked = this.#has(`${name}_valid`);
    return isMasked ? { grid, mask: this.#rows(`${name}_valid`)(0, shape) } : { grid };
  }

  #grids(name: string, isMasked: (at: number) => boolean) {
    const shapes = this.#numbers(`steps/${name}_shape`);
    const cells = this.#rows(`steps/${name}`);
    const valid = this.#has(`steps/${name}_valid`) ? this.#rows(`steps/${name}_valid`) : null;
    return (at: number): { readonly grid: Cells; readonly mask?: Cells } => {
      const shape = [shapes[2 * at]!, shapes[2 * at + 1]!] as const;
      const grid = cells(at, shape);
      return valid !== null && isMasked(at) ? { grid, mask: valid(at, shape) } : { grid };
    };
  }

  /** The top left of each row of a dataset of grids. */
  #rows(path: string): (at: number, shape: readonly [number, number]) => Cells {
    const dataset = this.#dataset(path);
    const [height, width] = dataset.shape!.slice(-2) as [number, number];
    const all = dataset.value as Uint8Array;
    return (at, shape) => {
      const [rows, columns] = shape;
      if (!(rows <= height && columns <= width))
        throw new Error(`a shape in '${path}' is larger than its grids`);
      const data = new Uint8Array(rows * columns);
      for (let r = 0; r < rows; r++) {
        const start = (at * height + r) * width;
        data.set(all.subarray(start, start + columns), r * columns);
      }
      return { shape, data };
    };
  }

  #metrics(): (at: number) => { readonly [name: string]: number } {
    const group = this.#file.get("metrics") as Hdf5Group;
    const columns = group
      .keys()
      .map(
        (name) => [name === "%" ? "" : decodeURIComponent(name), this.#numbers(`metrics/${name}`)] as const,
      );
    return (at) => {
      const given = columns.filter(([, column]) => !Number.isNaN(column[at]));
      return Object.fromEntries(given.map(([name, column]) => [name, column[at]!]));
    };
  }

  #names(count: number): readonly unknown[] {
    if (!this.#has("steps/operation_name_json")) return this.#texts("steps/operation_name", count);
    return this.#texts("steps/operation_name_json", count).map((text) => unescaped(JSON.parse(text)));
  }

  #texts(path: string, count: number): readonly string[] {
    return count === 0 ? [] : (this.#value(path) as string[]);
  }

  #numbers(path: string): ArrayLike<number> {
    return this.#value(path) as ArrayLike<number>;
  }

  #text(name: string): unknown {
    const exact = this.#attribute(`${name}_json`);
    return exact === undefined ? this.#attribute(name) : unescaped(JSON.parse(String(exact)));
  }

  #attribute(name: string): unknown {
    return this.#file.attrs[name]?.value;
  }

  #value(path: string): unknown {
    return this.#dataset(path).value;
  }

  #has(path: string): boolean {
    return (
      path.split("/").reduce<Hdf5Group | null>((group, name) => {
        if (group === null || !group.keys().includes(name)) return null;
        return group.get(name) as Hdf5Group;
      }, this.#file) !== null
    );
  }

  #dataset(path: string) {
    const found = this.#has(path) ? this.#file.get(path) : null;
    if (found instanceof this.#library.Dataset) return found;
    throw new Error(`the dataset '${path}' is missing`);
  }
}

function selection(kind: number, raw: ArrayLike<number>, at: number, mask: () => Cells): unknown {
  const name = SELECTION_KINDS[kind];
  const [a, b, c, d] = [0, 1, 2, 3].map((place) => raw[4 * at + place]);
  switch (name) {
    case "point":
      return { kind: name, point: [a, b] };
    case "bbox":
      return { kind: name, bbox: [a, b, c, d] };
    case "mask":
      return { kind: name, mask: mask() };
    default:
      return null;
  }
}
