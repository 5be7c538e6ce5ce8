import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { composeSync } from "../src/index.js";
import { fileSource } from "../src/node.js";
import { toData } from "../src/tree.js";
import { parseYaml } from "../src/yaml.js";
import { errorMismatch } from "./conformance/error-classes.js";

interface GoldenCase {
  readonly id?: string;
  readonly tree: string;
  readonly configName: string;
  readonly overrides: readonly string[];
  readonly ok: boolean;
  readonly file?: string;
  readonly resolved?: unknown;
  readonly error?: { readonly type: string; readonly message: string };
}

const reference = fileURLToPath(new URL("../../../../shared/reference", import.meta.url));
const golden = `${reference}/jaxarc-conf-golden`;
const isPresent = existsSync(golden);
if (!isPresent) console.warn("ancestor trees: ../shared/reference is absent, its cases are skipped");
const cases: readonly GoldenCase[] = isPresent
  ? JSON.parse(readFileSync(`${golden}/cases.json`, "utf8"))
  : [];

describe.skipIf(!isPresent)("the ancestor's trees compose as the real Hydra composed them", () => {
  it.each(cases.map((sample, index) => [index + 1, sample] as const))("case %i", (_, sample) => {
    const compose = () =>
      composeSync({
        source: fileSource(`${reference}/${sample.tree}`),
        name: sample.configName,
        overrides: sample.overrides,
      });
    if (!sample.ok) {
      expect(mismatch(compose, sample.error!.type)).toBeUndefined();
      return;
    }
    const composition = compose();
    const expected = parseYaml(readFileSync(`${golden}/${sample.file}`, "utf8"));
    expect(toData(composition.job)).toEqual(expected);
    if (sample.resolved !== undefined) expect(plain(composition.config)).toEqual(sample.resolved);
  });
});

function mismatch(run: () => unknown, pythonClass: string): string | undefined {
  try {
    run();
  } catch (error) {
    return errorMismatch(error, pythonClass);
  }
  return `composed, but ${pythonClass} was expected`;
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
