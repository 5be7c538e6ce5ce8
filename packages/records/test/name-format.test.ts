import type { EpiscopeError } from "@episcope/errors";
import { checkName, compileNameFormat, stampFormat } from "@episcope/records/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const codeOf = (action: () => unknown): string | undefined => {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as EpiscopeError).code;
  }
};

describe("a name format", () => {
  it("formats as Python does", () => {
    expect(compileNameFormat("k", "episode_{episode:04d}", "episode").format(7)).toBe("episode_0007");
    expect(compileNameFormat("k", "{step}", "step").format(12345)).toBe("12345");
  });

  it("has a time in the place of {timestamp}, but not where the braces are doubled", () => {
    expect(stampFormat("{timestamp}_ep_{episode}", 1_796_072_707.9)).toBe("2026-11-30_21-05-07_ep_{episode}");
    expect(stampFormat("{{timestamp}}_{episode}", 0)).toBe("{{timestamp}}_{episode}");
  });

  it("gives two numbers two names, and finds the number in each", () => {
    const format = compileNameFormat("k", "ep-{episode:03d}.d", "episode");
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), (a, b) => {
        expect(format.parse(format.format(a))).toBe(a);
        if (a !== b) expect(format.format(a)).not.toBe(format.format(b));
      }),
    );
  });

  it("knows no number in a foreign name", () => {
    const format = compileNameFormat("k", "episode_{episode:04d}", "episode");
    for (const name of ["episode_7", "episode_00007", "episode_", "other_0001", "episode_0001x"]) {
      expect(format.parse(name)).toBeNull();
    }
  });

  it.each([
    "episode",
    "{episode}{episode}",
    "{step}",
    "{episode:9999999d}",
    "{episode:x}",
    "{__class__}",
    "a{episode",
    "a}{episode}",
  ])("refuses %s", (format) => {
    expect(codeOf(() => compileNameFormat("k", format, "episode"))).toBe("NAME_FORMAT_INVALID");
  });

  it.each(["a/{episode}", "..\\{episode}", "{episode}\0", "../{episode}"])(
    "refuses the path in %s",
    (format) => {
      expect(codeOf(() => compileNameFormat("k", format, "episode"))).toBe("NAME_INVALID");
    },
  );
});

describe("a run name", () => {
  it.each(["", ".", "..", "a/b", "a\\b", "con", "NUL.txt", " x", "x.", "a:b", "a\nb", "x".repeat(101)])(
    "is refused if it is %j",
    (name) => {
      expect(codeOf(() => checkName("storage.run_name", name))).toBe("NAME_INVALID");
    },
  );

  it.each(["run_2026-11-24", "a b", "lr=0.1,seed=2", "Zürich"])("may be %j", (name) => {
    expect(codeOf(() => checkName("storage.run_name", name))).toBeUndefined();
  });
});
