import { composeSync, memorySource } from "@episcope/config";
import { openFaultRun } from "../open-recorder.js";
import { all, none, type Outcome, type Row, type RowContext } from "../row.js";

/** `a0: x`, and each of so many keys twice the one before. */
function doublings(levels: number): string {
  const lines = Array.from({ length: levels }, (_, at) => `a${at + 1}: \${a${at}}\${a${at}}`);
  return ["a0: x", ...lines, ""].join("\n");
}

/** A1, A2: what a config can do to those who compose it. */
function hostileConfigs(): Outcome {
  const texts: Readonly<Record<string, { readonly [path: string]: string }>> = {
    "12 doublings, which are few": { "config.yaml": doublings(12) },
    "40 doublings": { "config.yaml": doublings(40) },
    "200 doublings": { "config.yaml": doublings(200) },
    "a group in __proto__": { "config.yaml": "defaults: [{g@__proto__: a}]\n", "g/a.yaml": "polluted: 1\n" },
    "a package __proto__": { "config.yaml": "# @package __proto__\npolluted: 1\n" },
    "a group in constructor.prototype": {
      "config.yaml": "defaults: [{g@constructor.prototype: a}]\n",
      "g/a.yaml": "polluted: 1\n",
    },
  };
  let untyped = 0;
  let composed = 0;
  for (const [name, files] of Object.entries(texts)) {
    try {
      const { config } = composeSync({
        source: memorySource(files),
        name: "config",
        env: {},
        now: new Date(0),
      });
      // Values are resolved when they are read.
      if (JSON.stringify(config).length > 1e6 || name.includes("prot")) composed += 1;
    } catch (error) {
      if (!/^[A-Z]+(_[A-Z]+)+$/.test(String((error as { code?: unknown }).code))) untyped += 1;
    }
  }
  return {
    figures: [
      none(`of ${Object.keys(texts).length} configs: composed without a word`, composed),
      none("errors without a code", untyped),
      none("Object.prototype has keys of the attacker", "polluted" in {} ? 1 : 0),
    ],
  };
}

/** D12: a file system that answers ENOENT although the parent exists: Node's own recursive form never comes back there. */
async function neverMade(context: RowContext): Promise<Outcome> {
  const spare = JSON.stringify(context.scratch());
  const places = ["/proc/episcope", "/proc/self/fd/episcope", "/sys/episcope/a/b"];
  let elsewhere = 0;
  for (const place of places) {
    const { run, lines } = await openFaultRun(
      place,
      [`storage.fallback_dir=${spare}`, "storage.run_name=null"],
      {
        cwd: "/",
      },
    );
    await run.close();
    if (run.stats().elsewhere && lines.some((line) => line.includes("goes to"))) elsewhere += 1;
  }
  return { figures: [all("runs that went elsewhere and said so", elsewhere, places.length)] };
}

export const CONFIG_ATTACK_ROWS: readonly Row[] = [
  { id: "A1", fault: "configs that double, and keys that pollute", run: hostileConfigs },
  { id: "D12", fault: "a directory that the system never makes", run: neverMade },
];
