// Composes the presets with two overrides, and asks where a value comes from.  node examples/01-compose.js
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { presetDirectory } from "@episcope/core";

const composition = await compose({
  source: fileSource(presetDirectory(), { label: "conf" }),
  name: "config",
  overrides: ["storage=production", "storage.max_storage_gb=2"],
});

// One option of each group was chosen; the rest of the config is plain data that nothing can change.
for (const [group, option] of composition.choices) {
  if (!group.startsWith("hydra/")) console.log(`${group}: ${option}`);
}
console.log("frozen:", Object.isFrozen(composition.config));

// Every value remembers which file or override wrote it, and what that replaced.
const explanation = composition.explain("storage.max_storage_gb");
for (const { value, override, file, line } of explanation
  ? [explanation.winner, ...explanation.losers]
  : []) {
  console.log(`${value} from ${override ?? `${file}:${line}`}`);
}

// As Hydra prints it.
console.log(composition.toYaml({ package: "visualization.renderers" }));
