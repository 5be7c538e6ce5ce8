import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
// Inside: which codes the table of Python's classes knows.
import { isKnownCode } from "../src/hydra/python-classes.js";
import {
  create,
  isReadonly,
  isStruct,
  openDict,
  readWrite,
  select,
  setItem,
  setReadonly,
  setStruct,
} from "../src/tree.js";

const code = (name: string) => expect.objectContaining({ code: name });

describe("a tree", () => {
  it("can be closed to new keys, and opened for a while", async () => {
    const tree = create({ a: { b: 1 } });
    setStruct(tree, true);
    expect(isStruct(select(tree, "a") as typeof tree)).toBe(true);
    expect(() => setItem(tree, "c", 1)).toThrow(code("KEY_NOT_FOUND"));
    const done = openDict(tree, () => {
      setItem(tree, "c", 1);
      return "done";
    });
    expect(done).toBe("done");
    expect(() => setItem(tree, "d", 1)).toThrow(code("KEY_NOT_FOUND"));
    const later = openDict(tree, async () => {
      await Promise.resolve();
      setItem(tree, "e", 2);
    });
    await later;
    expect([select(tree, "c"), select(tree, "e"), isStruct(tree)]).toEqual([1, 2, true]);
    setStruct(tree, undefined);
    setItem(tree, "f", 3);
  });

  it("can be closed to every change, and opened for a while, whatever goes wrong in it", () => {
    const tree = create({ a: { b: 1 } });
    const a = select(tree, "a") as typeof tree;
    setReadonly(tree, true);
    expect(isReadonly(a)).toBe(true);
    expect(() => setItem(a, "b", 2)).toThrow(code("CONFIG_READONLY"));
    expect(() =>
      readWrite(tree, () => {
        setItem(a, "b", 3);
        throw new Error("mine");
      }),
    ).toThrow("mine");
    expect([select(tree, "a.b"), isReadonly(tree)]).toEqual([3, true]);
    setReadonly(tree, false);
    setItem(a, "b", 4);
    expect(select(tree, "a.b")).toBe(4);
  });
});

it("every code of this package is known to have a class in Python, or none", () => {
  const src = join(import.meta.dirname, "../src");
  const files = readdirSync(src, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts"));
  const codes = files.flatMap((name) => {
    const text = readFileSync(join(src, name), "utf8");
    const made = /(?:Error|Problem|configError|compositionError)\(\s*"([A-Z][A-Z0-9_]+)"/g;
    return [...text.matchAll(made)].map(([, found]) => found!);
  });
  expect(codes.length).toBeGreaterThan(60);
  expect(codes.filter((found) => !isKnownCode(found))).toEqual([]);
});
