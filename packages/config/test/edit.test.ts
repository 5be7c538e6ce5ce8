import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commentsOf, setInText, unsetInText } from "../src/edit.js";
import { parseYaml } from "../src/yaml.js";

const TEXT = `# How it is stored.
storage:
  # In gigabytes.
  max_storage_gb: 1.0   # small
  tags: [a, b]
  nested:
    deep: x

other: "quoted"
empty:
`;

describe("setInText", () => {
  it.each([
    ["a value, its comment stays", "storage.max_storage_gb=2", ["  max_storage_gb: 2   # small"]],
    ["a list", "storage.tags=[c,'d, e']", ['  tags: [c, "d, e"]']],
    ["a text that reads as a boolean, in quotes", "other='off'", ["other: 'off'"]],
    ["a new key, at the end of its mapping", "storage.new=1", ["  new: 1"]],
    ["a new key in a new mapping", "storage.more.a=1", ["  more:", "    a: 1"]],
    ["a key below nothing", "empty.a=1", ["empty: {a: 1}"]],
    ["an item of a list", "storage.tags.1=z", ["  tags: [a, z]"]],
    ["a key at the top", "top=null", ["top: null"]],
  ])("sets %s", (_, override, lines) => {
    const edited = setInText(TEXT, [override]);
    const before = TEXT.split("\n");
    expect(edited.split("\n").filter((line) => !before.includes(line))).toEqual(lines);
    expect(edited.split("\n").length).toBe(
      before.length +
        (override.includes("new") || override.includes("top") ? 1 : override.includes("more") ? 2 : 0),
    );
  });

  it("chooses an option of a group in the defaults list", () => {
    const text = "defaults:\n  - config # all\n  - db: lite\n  - _self_\n";
    expect(setInText(text, ["db=post"])).toBe(text.replace("lite", "post"));
  });

  it("replaces a whole mapping, and nothing behind it", () => {
    expect(setInText(TEXT, ["storage.nested={a: 1}"])).toBe(
      TEXT.replace("  nested:\n    deep: x", "  nested: {a: 1}"),
    );
  });

  it("refuses what holds no keys, and texts that are no mapping", () => {
    expect(() => setInText(TEXT, ["other.a=1"])).toThrow(expect.objectContaining({ code: "EDIT_REFUSED" }));
    expect(() => setInText("- a\n", ["b=1"])).toThrow(expect.objectContaining({ code: "EDIT_REFUSED" }));
  });
});

describe("unsetInText", () => {
  it("takes out the line, or the whole mapping, and no other line", () => {
    expect(unsetInText(TEXT, ["storage.max_storage_gb"])).toBe(
      TEXT.replace("  max_storage_gb: 1.0   # small\n", ""),
    );
    expect(unsetInText(TEXT, ["storage.nested"])).toBe(TEXT.replace("  nested:\n    deep: x\n", ""));
    expect(unsetInText("a: {b: 1, c: 2}\n", ["a.b"])).toBe("a: {c: 2}\n");
    expect(unsetInText("a:\n  b: 1\nc: 2\n", ["a.b"])).toBe("a: {}\nc: 2\n");
    expect(() => unsetInText(TEXT, ["storage.nothing"])).toThrow(
      expect.objectContaining({ code: "EDIT_KEY_MISSING" }),
    );
  });
});

describe("commentsOf", () => {
  it("tells what is said behind a value, above it, and of the whole file", () => {
    const text = "# All of it.\na: 1\n# Above,\n# in two lines.\nb:\n  c: 2 # behind\nd: 3\n";
    expect([...commentsOf(text)]).toEqual([
      ["", "All of it."],
      ["b", "Above, in two lines."],
      ["b.c", "behind"],
    ]);
    expect(commentsOf("").size).toBe(0);
  });
});

describe("every file of the presets, and of the ancestor's", () => {
  const root = join(import.meta.dirname, "../../..");
  const folders = ["conf", "../shared/reference"]
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder));
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => join(folder, name)),
  );

  it.each(files)("%s: each scalar can be set, and only its line changes", (file) => {
    const text = readFileSync(file, "utf8");
    const data: unknown = parseYaml(text);
    for (const [path, value] of scalarsOf(data, [])) {
      const changed = typeof value === "number" ? 4711 : "another";
      const edited = setInText(text, [`${path.join(".")}=${changed}`]);
      const [before, after] = [text.split("\n"), edited.split("\n")];
      // A text on several lines becomes one line; those around it stay.
      const lines = String(value).trimEnd().split("\n").length;
      const at = after.findIndex((line, index) => line !== before[index]);
      const rest = before.length - after.length;
      expect([path, rest < lines + 2, after.slice(at + 1)]).toEqual([
        path,
        true,
        before.slice(at + 1 + rest),
      ]);
    }
  });
});

/** Plain keys only: an override cannot name the others. */
function* scalarsOf(value: unknown, path: readonly string[]): Generator<[string[], unknown]> {
  if (value instanceof Map) {
    for (const [key, item] of value)
      if (typeof key === "string" && key !== "defaults" && /^[A-Za-z_][\w-]*$/.test(key))
        yield* scalarsOf(item, [...path, key]);
  } else if (path.length > 0 && (typeof value === "string" || typeof value === "number"))
    yield [[...path], value];
}

describe("what is set in a text", () => {
  it("has the line ends of the others", () => {
    const text = "a: 1 # one\r\nb:\r\n  c: 2\r\n";
    expect(setInText(text, ["b.d=3", "e.f=4"])).toBe(
      "a: 1 # one\r\nb:\r\n  c: 2\r\n  d: 3\r\ne:\r\n  f: 4\r\n",
    );
  });

  it("keeps the comment behind a key whose list or mapping it replaces", () => {
    expect(setInText("a: # why\n  - 1\n  - 2\nb: 2\n", ["a=[3]"])).toBe("a: [3] # why\nb: 2\n");
    expect(setInText("a: # why\n\nb: 2\n", ["a=1"])).toBe("a: 1 # why\n\nb: 2\n");
  });
});
