import { memoryDisk } from "@episcope/testing/memory-disk";
import { describe, expect, it } from "vitest";
import { findKey } from "../src/index.js";

const NETRC = `
# machine tracker.example login user password commented-out
machine other.example login user password other-key
macdef init
password in-a-macro

machine tracker.example:8443
  login user
  password "quoted \\"key\\""
machine tracker.example login password password plain-key
`;

function find(
  env: { readonly [name: string]: string },
  server = "https://tracker.example",
  netrc = NETRC,
): string | null {
  const { fs } = memoryDisk({ "/people/ann/.netrc": netrc, "/secrets/key": " key-of-a-file\n" });
  return findKey({
    env: { HOME: "/people/ann", ...env },
    fs,
    variable: "T_KEY",
    fileVariable: "T_KEY_FILE",
    server,
  });
}

describe("a key", () => {
  it("is looked for in its variable, in the file that a variable names, and in ~/.netrc, in this order", () => {
    expect(find({ T_KEY: " from-env ", T_KEY_FILE: "/secrets/key" })).toBe("from-env");
    expect(find({ T_KEY_FILE: "/secrets/key" })).toBe("key-of-a-file");
    expect(find({})).toBe("plain-key");
    expect(find({ NETRC: "/nowhere" })).toBeNull();
  });

  it("of ~/.netrc is the one for the server's host and port, then for its host, then the default", () => {
    expect(find({}, "https://tracker.example:8443/base")).toBe('quoted "key"');
    expect(find({}, "https://tracker.example:9")).toBe("plain-key");
    expect(find({}, "https://unknown.example")).toBeNull();
    expect(find({}, "https://unknown.example", `${NETRC}\ndefault login x password for-all`)).toBe("for-all");
  });
});
