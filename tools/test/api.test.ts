import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publicDoors } from "../api/doors.mjs";
import { apiReport } from "../api/report.mjs";

describe("the report of a door", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "episcope-doors-"));
    writeFileSync(join(directory, "package.json"), '{"name":"shapes","version":"1.0.0","type":"module"}');
    writeFileSync(join(directory, "index.d.ts"), 'export { area, type Shape } from "./shape.js";\n');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const report = (declarations: string): string => {
    writeFileSync(join(directory, "shape.d.ts"), declarations);
    return apiReport({ directory, types: join(directory, "index.d.ts") });
  };
  const SHAPE = "export interface Shape {\n  readonly side: Side;\n}\nexport type Side = 1 | 2;\n";
  const AREA = "export declare function area(shape: Shape): number;\n";

  it("has every name with its declaration, from whatever file, and marks what the door lacks", () => {
    const text = report(SHAPE + AREA);
    expect(text).toContain("export function area(shape: Shape): number;");
    expect(text).toContain("export interface Shape {");
    expect(text).toContain('The symbol "Side" needs to be exported');
  });

  it("differs when a declaration changes, and not when it moves or its comment is rewritten", () => {
    const before = report(SHAPE + AREA);
    expect(report(`\n\n/** How large it is. */\n${AREA}${SHAPE}`)).toBe(
      before.replace("// @public (undocumented)\nexport function area", "// @public\nexport function area"),
    );
    expect(report(SHAPE + AREA.replace("number", "bigint"))).not.toBe(before);
  });

  it("is refused where nothing has been built", () => {
    const types = join(directory, "dist", "index.d.ts");
    expect(() => apiReport({ directory, types })).toThrow(`there are no declarations in ${types}`);
  });
});

it("every door with types has a report of its own", () => {
  const doors = publicDoors();
  expect(doors.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["@episcope/core", "@episcope/core/testing", "@episcope/records/store"]),
  );
  expect(new Set(doors.map(({ report }) => report)).size).toBe(doors.length);
});
