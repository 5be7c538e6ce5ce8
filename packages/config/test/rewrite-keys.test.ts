import { describe, expect, it } from "vitest";
import { type KeyDecision, rewriteKeys } from "../src/edit.js";
import { parseYaml } from "../src/yaml.js";

const TEXT = `# What this is.

# About a.
a: 1 # behind a

# About b.
b:
  # About c.
  c: [1, 2] # behind c
  d: |
    lines
    # no comment
  # at the end of b
e: {f: 1, g: 'x, y'}
`;

const table =
  (decisions: Readonly<Record<string, KeyDecision>>) =>
  (key: string): KeyDecision =>
    decisions[key] ?? { to: key };

describe("rewriting the keys of a config file", () => {
  it("leaves a text alone whose keys all stay", () => {
    for (const text of [TEXT, TEXT.replaceAll("\n", "\r\n"), TEXT.trimEnd(), "", "# nothing\n"]) {
      expect(rewriteKeys(text, table({}))).toBe(text);
      expect(rewriteKeys(text, (key, isMapping) => (isMapping && key !== "e" ? "each" : { to: key }))).toBe(
        text,
      );
    }
  });

  it("renames, moves and comments out, and every comment stays with its key", () => {
    const decisions = {
      a: { to: "deep.first" },
      b: "each",
      "b.c": { note: "gone" },
      "b.d": { to: "d" },
    } as const;
    expect(rewriteKeys(TEXT, table(decisions))).toBe(`# What this is.

# About a.
deep:
  first: 1 # behind a

# About b.
# b:
  # About c.
  # (gone) c: [1, 2] # behind c
d: |
  lines
  # no comment
  # at the end of b
e: {f: 1, g: 'x, y'}
`);
  });

  it("takes flow mappings apart where their keys are decided one by one", () => {
    const text = rewriteKeys(TEXT, table({ e: "each", "e.f": { to: "f" } }));
    expect((parseYaml(text) as ReadonlyMap<string, unknown>).get("f")).toBe(1);
    expect(text).toContain("e:\n  g: 'x, y'\nf: 1\n");
  });

  it("refuses what is no mapping", () => {
    expect(() => rewriteKeys("- 1\n", table({}))).toThrow(expect.objectContaining({ code: "EDIT_REFUSED" }));
    expect(() => rewriteKeys("a: [\n", table({}))).toThrow(expect.objectContaining({ code: "EDIT_REFUSED" }));
  });
});
