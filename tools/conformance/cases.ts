import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** JSON as the vectors hold it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Config folders by name: relative path (a trailing `/` is an empty folder) to text. */
export type Trees = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface ExpectedError {
  readonly class: string;
  readonly message: string;
  readonly cause?: ExpectedError;
}

export interface Case {
  readonly id: string;
  readonly category: string;
  readonly source: string;
  readonly input: Readonly<Record<string, Json>>;
  readonly expect: {
    readonly ok?: Readonly<Record<string, Json>>;
    readonly error?: ExpectedError;
    readonly warnings?: readonly string[];
    readonly stage?: string;
  };
}

/** Reads every `*.jsonl` of a folder, in the order of their names. */
export function readCases(dir: string): Case[] {
  const files = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
  return files.sort().flatMap((name) =>
    readFileSync(join(dir, name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Case),
  );
}

export function readTrees(dir: string): Trees {
  return JSON.parse(readFileSync(join(dir, "trees.json"), "utf8")) as Trees;
}
