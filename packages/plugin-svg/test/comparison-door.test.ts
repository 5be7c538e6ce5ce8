import { openVisualizer } from "@episcope/core";
import type { ComparisonView } from "@episcope/records";
import { presetConfig } from "@episcope/testing/preset-config";
import { manySeries } from "@episcope/testing/views";
import { expect, it } from "vitest";
import svg, { viewToSvg } from "../src/index.js";

it.each(["reward_progression", "similarity", "performance"] as const)(
  "createComparisonVisualization draws episodes by %s",
  async (comparison) => {
    const config = presetConfig([
      "visualization.image_quality=low",
      "visualization.color_scheme=high_contrast",
    ]);
    const visualizer = await openVisualizer(config, {
      plugins: [svg],
      runDir: "/run",
      runName: "run",
      files: {
        getStepPath: () => "",
        getEpisodeSummaryPath: () => "",
        writeEpisodeFile: () => {
          throw new Error("a comparison is stored by its caller");
        },
      },
    });
    const view: ComparisonView = { kind: "comparison", comparison, episodes: manySeries(9) };
    const drawn = visualizer.createComparisonVisualization(view.episodes, comparison);
    expect(new TextDecoder().decode(drawn)).toBe(
      new TextDecoder().decode(viewToSvg(view, config.visualization)),
    );
  },
);
