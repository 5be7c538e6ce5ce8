import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

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
  /** Of Hydra; without one 1.3. */
  readonly version?: "1.4";
  /** What of 1.4 the case is about. */
  readonly rule?: string;
  readonly input: Readonly<Record<string, Json>>;
  readonly expect: {
    readonly ok?: Readonly<Record<string, Json>>;
    readonly error?: ExpectedError;
    readonly warnings?: readonly string[];
    readonly stage?: string;
  };
}

/** The cases of this package. */
export const CASES: string = fileURLToPath(new URL("../../cases", import.meta.url));
/** Those of Hydra 1.4. */
export const CASES_14: string = join(CASES, "1.4");

const CATEGORY_FILE = /^(\w+)\.jsonl(\.gz)?$/;

/** The categories of a folder: its files `NAME.jsonl`, or `NAME.jsonl.gz`, in the order of their names. */
export function categoriesOf(dir: string): string[] {
  return readdirSync(dir)
    .flatMap((name) => CATEGORY_FILE.exec(name)?.[1] ?? [])
    .sort();
}

export function readCases(dir: string, category: string): Case[] {
  return readText(dir, `${category}.jsonl`)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Case);
}

export function readTrees(dir: string): Trees {
  return JSON.parse(readText(dir, "trees.json")) as Trees;
}

/** A file of a folder of cases, compressed or not. */
export function readText(dir: string, name: string): string {
  const path = join(dir, name);
  return existsSync(path)
    ? readFileSync(path, "utf8")
    : gunzipSync(readFileSync(`${path}.gz`)).toString("utf8");
}
