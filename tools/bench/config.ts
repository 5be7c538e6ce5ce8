// The language of the configs: composing against parsing the same files, and the override parser alone.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { composeSync, memorySource, validateConfig } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { parseOverride } from "@episcope/config/override";
import { parseYaml } from "@episcope/config/yaml";
import { CONFIG_SCHEMA } from "@episcope/core";
import { parse as parseByPeer } from "yaml";
import { measure, median, ratio, report } from "./harness.js";

/** Nothing here waits, and other programs on the machine must not decide. */
const PROCESSOR = { clock: "processor" } as const;
const conf = join(process.cwd(), "conf");
const OVERRIDES = [
  "visualization=debug_verbose",
  "storage=production",
  "visualization.show_coordinates=true",
  "storage.max_storage_gb=50",
  "logging.async_logger.queue_size=2000",
];
const env = {};
const now = new Date(2024, 2, 9);
const options = { name: "config", overrides: OVERRIDES, env, now };

const files: Record<string, string> = {};
for (const entry of readdirSync(conf, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".yaml")) continue;
  const path = join(entry.parentPath, entry.name);
  files[relative(conf, path)] = readFileSync(path, "utf8");
}

/** The files that the composition reads: what has to be parsed whoever composes. */
const read = new Set<string>();
const source = memorySource(files);
composeSync({
  ...options,
  source: {
    ...source,
    read: (file) => {
      const text = source.read(file);
      if (text !== undefined) read.add(file);
      return text;
    },
  },
});
const texts = [...read].map((file) => files[file]!);

const disk = fileSource(conf);
const measurement = await measure(
  {
    "parse by the yaml package": (count) => {
      for (let run = 0; run < count; run++) for (const text of texts) parseByPeer(text, { version: "1.1" });
    },
    parse: (count) => {
      for (let run = 0; run < count; run++) for (const text of texts) parseYaml(text);
    },
    compose: (count) => {
      // A new source: no text has been read before.
      for (let run = 0; run < count; run++) {
        const composition = composeSync({ ...options, source: memorySource(files) });
        void composition.config;
        // Origins are kept all along and read when asked.
        composition.explain("storage.max_storage_gb");
      }
    },
    // The same source: its texts are not parsed again, all else is done again.
    again: (count) => {
      for (let run = 0; run < count; run++) void composeSync({ ...options, source }).config;
    },
    "again from disk": (count) => {
      for (let run = 0; run < count; run++) void composeSync({ ...options, source: disk }).config;
    },
  },
  PROCESSOR,
);

// What `episcope config validate --all` does: every product of the options, from sources that are open once.
const optionsOf = (group: string): string[] =>
  readdirSync(join(conf, group))
    .map((file) => file.replace(/\.yaml$/, ""))
    .filter((option) => option !== "base")
    .map((option) => `${group}=${option}`);
const products = optionsOf("visualization").flatMap((a) =>
  optionsOf("logging").flatMap((b) => optionsOf("storage").map((c) => [a, b, c])),
);
const all = await measure(
  {
    validate: (count) => {
      for (let run = 0; run < count; run++) {
        const fresh = fileSource(conf);
        for (const words of products) {
          const composition = composeSync({ ...options, overrides: words, source: fresh });
          validateConfig(CONFIG_SCHEMA, composition.job);
          void composition.config;
        }
      }
    },
  },
  { ...PROCESSOR, rounds: 5 },
);

const SHORT = [
  "seed=7",
  "env.max_steps=300",
  "+viz.formats=[svg,png]",
  "log/level=debug",
  "~storage.cleanup.keep",
];
const overrides = await measure(
  {
    parse: (count) => {
      for (let run = 0; run < count; run++) parseOverride(SHORT[run % SHORT.length]!);
    },
  },
  PROCESSOR,
);

const LONG = `a=[${"x.y,".repeat(1 << 17)}z]`;
const growth = await measure(
  {
    half: (count) => {
      for (let run = 0; run < count; run++) parseOverride(`${LONG.slice(0, LONG.length / 2)}]`);
    },
    whole: (count) => {
      for (let run = 0; run < count; run++) parseOverride(LONG);
    },
  },
  { ...PROCESSOR, rounds: 9 },
);

const bytes = texts.reduce((sum, text) => sum + text.length, 0);
console.log(
  `${texts.length} files (${bytes} bytes), ${OVERRIDES.length} overrides: parse ${micros(measurement["parse"]!)} (${micros(measurement["parse by the yaml package"]!)} by the yaml package), compose and explain ${micros(measurement["compose"]!)}, again ${micros(measurement["again"]!)}, again from disk ${micros(measurement["again from disk"]!)}`,
);
console.log(
  `${products.length} combinations composed and validated: ${(median(all["validate"]!) / 1e6).toFixed(0)} ms of processor time (bar: 1000 for 45)`,
);
console.log(
  `compose / parse by our own reader: ${ratio(measurement, "compose", "parse").toFixed(1)} x (no gate)`,
);
const ok = report([
  {
    what: "compose and explain / parse of the same files by the yaml package",
    value: ratio(measurement, "compose", "parse by the yaml package"),
    unit: "x",
    goal: 1.3,
    gate: 1.7,
    good: "below",
  },
  {
    what: "compose again, texts parsed before / parse of the same files by the yaml package",
    value: ratio(measurement, "again", "parse by the yaml package"),
    unit: "x",
    goal: 0.08,
    gate: 0.1,
    good: "below",
  },
  {
    what: `compose and validate the ${products.length} combinations of the presets, each`,
    value: median(all["validate"]!) / products.length / median(measurement["parse by the yaml package"]!),
    unit: "parses of one combination by the yaml package",
    goal: 1,
    gate: 2,
    good: "below",
  },
  {
    what: "short overrides per second",
    value: 1e9 / median(overrides["parse"]!),
    unit: "/s",
    goal: 300_000,
    gate: 300_000,
    good: "above",
  },
  {
    what: "override of 0.5 MB / of 0.25 MB",
    value: ratio(growth, "whole", "half"),
    unit: "x",
    goal: 2.2,
    gate: 2.2,
    good: "below",
  },
]);
process.exitCode = ok ? 0 : 1;

function micros(values: readonly number[]): string {
  return `${(median(values) / 1000).toFixed(0)} us`;
}
