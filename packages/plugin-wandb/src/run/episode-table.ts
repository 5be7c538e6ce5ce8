import { basename } from "node:path";
import { parseExtended } from "../format/extended-json.js";
import type { Fields } from "../history/history-rows.js";
import { type LoggedFile, loggedFile } from "./media.js";

/** Key of the table; in a row it says that the episodes up to it are in a table. */
export const TABLE_KEY = "episodes";
const COLUMNS = ["episode", "task", "outcome", "return", "similarity", "steps", "summary"] as const;
/** W&B shows no more of a table; a longer run has several, each with the next ones. */
const MAX_ROWS = 10_000;

type Cell = string | number | null;

/** A picture as a row of the history refers to it. */
interface PictureValue {
  readonly _type: string;
  readonly sha256: string;
  readonly path: string;
}

interface TableRow {
  readonly cells: readonly Cell[];
  picture: PictureValue | null;
}

/** A table as the run's page shows it, and as its artifact holds it. */
export interface EpisodeTableFiles {
  /** Of the run: pictures are words there, as the official client writes them. */
  readonly shown: LoggedFile;
  /** Of the artifact: with types, and pictures by their paths in the artifact. */
  readonly typed: Uint8Array;
  /** Paths in the artifact by paths below `files/`. */
  readonly pictures: ReadonlyMap<string, string>;
}

/**
 * W&B's table of the episodes that have ended: task, outcome, return, similarity, steps and summary picture. Made of the rows of
 * the history alone, so that a run which goes on has the table of one that never stopped.
 */
export class EpisodeTable {
  readonly #rows: Map<number, TableRow> = new Map();

  /** A row of the history, written now or read back; the same row may come again. */
  note(fields: Fields): void {
    const number = Number(fields.get("episode"));
    if (fields.has("episode/outcome")) {
      const cells = [
        number,
        ...["episode/task_id", "episode/outcome", "episode/reward", "episode/final_similarity"].map((key) =>
          cellOf(fields.get(key)),
        ),
        cellOf(fields.get("episode/steps")),
      ];
      this.#rows.set(number, { cells, picture: this.#rows.get(number)?.picture ?? null });
    }
    const picture = fields.get("pictures/summary") ?? fields.get("pictures/summary_svg");
    const row = this.#rows.get(number);
    if (picture !== undefined && row !== undefined) row.picture = parseExtended(picture) as PictureValue;
    const table = fields.get(TABLE_KEY);
    if (table !== undefined) this.#forget((parseExtended(table) as { readonly nrows: number }).nrows);
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  /** Whether a table must be logged before another episode ends. */
  get isFull(): boolean {
    return this.#rows.size >= MAX_ROWS;
  }

  /** The first ones stand in a table. */
  #forget(count: number): void {
    for (const number of [...this.#rows.keys()].slice(0, count)) this.#rows.delete(number);
  }

  /** `tag`: of the row that it stands in. */
  files(tag: string): EpisodeTableFiles {
    const rows = [...this.#rows.values()];
    const pictures = new Map(
      rows.flatMap(({ picture }) => (picture === null ? [] : [[picture.path, placeOf(picture)] as const])),
    );
    const plain = rows.map(({ cells, picture }) => [...cells, picture === null ? null : wordFor(picture)]);
    const full = rows.map(({ cells, picture }) => [
      ...cells,
      picture === null ? null : { ...picture, path: placeOf(picture) },
    ]);
    const bytes = Buffer.from(JSON.stringify({ columns: COLUMNS, data: plain }));
    const size = { ncols: COLUMNS.length, nrows: rows.length };
    const shown = loggedFile(TABLE_KEY, "table", tag, "table.json", "table-file", bytes, {
      ...size,
      log_mode: "IMMUTABLE",
    });
    const kind = rows.find(({ picture }) => picture !== null)?.picture?._type ?? null;
    const typed = Buffer.from(
      JSON.stringify({
        ...{ _type: "table", column_types: columnTypes(kind), columns: COLUMNS, data: full },
        ...{ log_mode: "IMMUTABLE", ...size },
      }),
    );
    return { shown, typed, pictures };
  }
}

/** A number that JSON lacks leaves its cell empty. */
function cellOf(json: string | undefined): Cell {
  if (json === undefined) return null;
  const value = parseExtended(json);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return typeof value === "string" ? value : null;
}

/** As the official client names a picture's place in an artifact. */
function placeOf({ _type, sha256, path }: PictureValue): string {
  const folder = _type === "image-file" ? "images" : "html";
  return `media/${folder}/${sha256.slice(0, 20)}/${basename(path)}`;
}

function wordFor({ _type }: PictureValue): string {
  return _type === "image-file" ? "Image" : "Html";
}

function columnTypes(pictureType: string | null): object {
  const types = COLUMNS.map((name) => {
    if (name === "summary") return [name, pictureType === null ? NONE : optional(mediaType(pictureType))];
    const isText = name === "task" || name === "outcome";
    return [name, optional({ wb_type: isText ? "string" : "number" })];
  });
  return { params: { type_map: Object.fromEntries(types) }, wb_type: "typedDict" };
}

const NONE = { wb_type: "none" };

/** W&B lists the types of a union by their names. */
function optional(type: { readonly wb_type: string }): object {
  const allowed = type.wb_type < NONE.wb_type ? [type, NONE] : [NONE, type];
  return { params: { allowed_types: allowed }, wb_type: "union" };
}

/** An image of ours has no masks and no boxes, which W&B wants to be said. */
function mediaType(type: string): { readonly wb_type: string } {
  if (type !== "image-file") return { wb_type: type };
  const constant = (isSet: boolean, val: object) => ({ params: { is_set: isSet, val }, wb_type: "const" });
  const params = {
    box_class_maps: constant(false, {}),
    box_layers: constant(false, {}),
    box_score_keys: constant(true, []),
    class_map: constant(false, {}),
    mask_class_maps: constant(false, {}),
    mask_layers: constant(false, {}),
  };
  return { params, wb_type: type } as { readonly wb_type: string };
}
