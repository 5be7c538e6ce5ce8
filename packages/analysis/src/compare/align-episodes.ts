import { operationName } from "@episcope/records";
import { type FileSystem, RunReader } from "@episcope/records/store";
import { diffArrays } from "diff";
import { gridHash } from "../table/grid-facts.js";
import { openStepTable } from "../table/open-table.js";
import type { EpisodeRow, StepTable } from "../table/step-table.js";

/** One episode of a run. */
export interface EpisodeRef {
  readonly dir: string;
  /** From 1. */
  readonly episode: number;
}

/** A stretch of states that both episodes walk through, or that only one does. */
export interface Stretch {
  readonly kind: "both" | "only_a" | "only_b";
  /**
   * The states, counted from 0 for the beginning: state k is the grid after step k - 1. Of a side that has none of them both
   * are null; `to` is inclusive.
   */
  readonly a: { readonly from: number; readonly to: number } | null;
  readonly b: { readonly from: number; readonly to: number } | null;
}

export interface StepAt {
  readonly step: number;
  readonly operation: string;
  readonly reward: number;
  readonly similarity: number | null;
}

export interface EpisodeComparison {
  readonly a: EpisodeRow;
  readonly b: EpisodeRow;
  /** Whether both begin with the same grid. */
  readonly same_start: boolean;
  readonly stretches: readonly Stretch[];
  /**
   * The first step that leads to different grids, of each side; a side is null where it ends before, both where they begin with
   * different grids. Null where all grids are the same.
   */
  readonly divergence: { readonly a: StepAt | null; readonly b: StepAt | null } | null;
  /** States at which they meet again after that, of each side; null where they never do. */
  readonly meeting: { readonly a: number; readonly b: number } | null;
  /** Number of states that both share in this alignment. */
  readonly shared: number;
}

/** Aligns two episodes by the grids that they walk through (longest common subsequence). Throws EPISODE_NOT_FOUND. */
export function compareEpisodes(
  refA: EpisodeRef,
  refB: EpisodeRef,
  { fs }: { readonly fs: FileSystem },
): EpisodeComparison {
  const a = sideOf(refA, fs);
  const b = sideOf(refB, fs);
  const stretches = stretchesOf(a.states, b.states);
  const sameStart = a.states[0] === b.states[0];
  const common = commonStart(a.states, b.states);
  const isOver = common === a.states.length || common === b.states.length;
  const meeting = isOver ? null : meetingOf(stretches, common);
  return {
    a: a.row,
    b: b.row,
    same_start: sameStart,
    stretches,
    divergence:
      common === a.states.length && common === b.states.length
        ? null
        : { a: a.step(common - 1), b: b.step(common - 1) },
    meeting,
    shared: stretches.reduce(
      (sum, { kind, a: part }) => sum + (kind === "both" ? part!.to - part!.from + 1 : 0),
      0,
    ),
  };
}

interface Side {
  readonly row: EpisodeRow;
  /** Of the beginning, and after each step. */
  readonly states: readonly number[];
  /** Null where there is no such step. */
  step(at: number): StepAt | null;
}

function sideOf({ dir, episode }: EpisodeRef, fs: FileSystem): Side {
  const reader = new RunReader(dir, { fs });
  reader.episode(episode);
  const table = openStepTable(reader, { fs });
  const row = table.episodes.find(({ number }) => number === episode)!;
  return {
    row,
    states: [...statesOf(reader, episode)],
    step: (at) => (at < 0 || at >= row.steps ? null : stepAt(table, row.first + at)),
  };
}

/** Hashes of the beginning and of the grid after each step: numbers of states are an episode's own. */
function* statesOf(reader: RunReader, episode: number): Generator<number> {
  for (const record of reader.records(episode)) {
    if (record.type === "episode-start") yield gridHash(record.initial);
    else if (record.type === "step") yield gridHash(record.after);
  }
}

function stepAt(table: StepTable, row: number): StepAt {
  const { operation, name } = table.operations[table.operation[row]!]!;
  const similarity = table.similarity[row]!;
  return {
    step: table.step[row]!,
    operation: operationName({ operation, name }),
    reward: table.reward[row]!,
    similarity: Number.isNaN(similarity) ? null : similarity,
  };
}

function commonStart(a: readonly number[], b: readonly number[]): number {
  let common = 0;
  while (common < a.length && common < b.length && a[common] === b[common]) common++;
  return common;
}

/** Longer edits than this are not looked for: two such episodes have nothing in common but their beginning. */
const MOST_EDITS = 8000;

function aligned(
  a: readonly number[],
  b: readonly number[],
): { count: number; added: boolean; removed: boolean }[] {
  const found = diffArrays([...a], [...b], { maxEditLength: MOST_EDITS });
  if (found !== undefined) return found;
  const common = commonStart(a, b);
  return [
    { count: common, added: false, removed: false },
    { count: a.length - common, added: false, removed: true },
    { count: b.length - common, added: true, removed: false },
  ];
}

function stretchesOf(a: readonly number[], b: readonly number[]): Stretch[] {
  const stretches: Stretch[] = [];
  let atA = 0;
  let atB = 0;
  for (const { count, added, removed } of aligned(a, b)) {
    const inA = { from: atA, to: atA + count - 1 };
    const inB = { from: atB, to: atB + count - 1 };
    if (!added) atA += count;
    if (!removed) atB += count;
    if (added) stretches.push({ kind: "only_b", a: null, b: inB });
    else if (removed) stretches.push({ kind: "only_a", a: inA, b: null });
    else stretches.push({ kind: "both", a: inA, b: inB });
  }
  return stretches;
}

/** The first shared stretch behind the common beginning. */
function meetingOf(stretches: readonly Stretch[], common: number): { a: number; b: number } | null {
  for (const { kind, a, b } of stretches) {
    if (kind === "both" && a!.to >= common)
      return { a: Math.max(a!.from, common), b: b!.from + Math.max(0, common - a!.from) };
  }
  return null;
}
