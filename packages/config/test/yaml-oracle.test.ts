import fc from "fast-check";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { createFromYaml, toPlain } from "../src/tree.js";

// What YAML 1.1 and 1.2 read alike: no words or numbers that only one of them takes for something else.
const word = fc
  .stringMatching(/^[a-z][a-z ]{0,10}[a-z]$/)
  .filter((text) => !/^(?:y|n|yes|no|on|off)$/.test(text));
const scalar = fc.oneof(
  word,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(""),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => Math.round(value * 100) / 100)
    .filter((value) => !Object.is(value, -0) && Math.abs(value) < 1e15),
);
const { document } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("value"), { maxLength: 4 }), tie("document")),
  document: fc.dictionary(
    fc.stringMatching(/^[a-z]{2,8}$/).filter((key) => !/^(?:yes|no|on|off|true|false|null)$/.test(key)),
    tie("value"),
    { maxKeys: 5, noNullPrototype: true },
  ),
}));

it("documents of the common subset read as the yaml package reads them, in block and in flow style", () => {
  fc.assert(
    fc.property(document, fc.boolean(), fc.integer({ min: 20, max: 100 }), (data, flow, lineWidth) => {
      const text = stringify(data, { version: "1.1", lineWidth, collectionStyle: flow ? "flow" : "block" });
      expect(toPlain(createFromYaml(text))).toEqual(parse(text, { version: "1.1" }));
    }),
    { numRuns: 500 },
  );
});
