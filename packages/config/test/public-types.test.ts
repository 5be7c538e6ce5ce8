import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, { types?: string }>;
};
const doors = Object.values(manifest.exports)
  .flatMap(({ types }) => types ?? [])
  .map((file) => file.replace("./dist/", ""));

describe("the declarations that the build publishes", () => {
  let output: string;
  const declarations = new Map<string, string>();

  beforeAll(() => {
    output = mkdtempSync(join(tmpdir(), "episcope-config-types-"));
    const config = {
      extends: join(root, "tsconfig.build.json"),
      compilerOptions: {
        composite: false,
        tsBuildInfoFile: null,
        emitDeclarationOnly: true,
        declarationMap: false,
        // The class of errors comes from the sources of its package: nothing has to be built before.
        customConditions: ["@episcope/source"],
        typeRoots: [join(root, "../../node_modules/@types")],
        rootDir: join(root, ".."),
        outDir: output,
      },
      include: [join(root, "src")],
      references: [],
    };
    writeFileSync(join(output, "tsconfig.json"), JSON.stringify(config));
    const { status, stdout } = spawnSync("npx", ["tsc", "-p", output, "--pretty", "false"], {
      cwd: root,
      encoding: "utf8",
    });
    expect(stdout).toBe("");
    expect(status).toBe(0);
    const visit = (file: string): void => {
      const name = relative(join(output, "config/src"), file).split(sep).join("/");
      if (declarations.has(name) || !existsSync(file)) return;
      const text = readFileSync(file, "utf8");
      declarations.set(name, text);
      for (const [, target] of text.matchAll(/from "(\.[^"]+)\.js"/g)) {
        visit(join(dirname(file), `${target}.d.ts`));
      }
    };
    for (const door of doors) visit(join(output, "config/src", door));
  });
  afterAll(() => rmSync(output, { recursive: true, force: true }));

  it("have a file for each door", () => {
    expect(doors.length).toBeGreaterThan(1);
    expect([...declarations.keys()]).toEqual(expect.arrayContaining(doors));
  });

  it("show of the nodes of a tree no more than what reads them", () => {
    const text = declarations.get("tree/node.d.ts")!;
    const members = [...text.matchAll(/^export declare (?:abstract )?class (\w+)[\s\S]*?^}/gm)].map(
      ([body, name]) => [
        name,
        [...body.matchAll(/^ {4}(?:abstract |get |private )*(\w+)(?:\(|;|:)/gm)].map(([, member]) => member),
      ],
    );
    expect(Object.fromEntries(members)).toEqual({
      ConfigNode: ["kind", "special", "isNull", "isMissing", "isInterpolation"],
      ValueNode: ["expression", "kind", "special", "isInterpolation"],
      ContainerNode: ["expression", "special", "isInterpolation", "kind", "size", "children"],
      DictNode: ["kind", "size", "children", "peek", "keys"],
      ListNode: ["kind", "size", "children"],
    });
  });

  it("have no field that could be assigned, wherever a door leads", () => {
    const fields = [...declarations].flatMap(([file, text]) =>
      [...text.matchAll(/^ {4}(?!readonly |get |private |#)\w+\??:.*$/gm)].map(
        ([line]) => `${file}: ${line.trim()}`,
      ),
    );
    expect(fields).toEqual([]);
  });
});
