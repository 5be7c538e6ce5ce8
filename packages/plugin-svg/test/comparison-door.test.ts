import { join } from "node:path";
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { checkConfig, openVisualizer } from "@episcope/core";
import type { ComparisonView } from "@episcope/records";
import { expect, it } from "vitest";
import { manySeries } from "../../drawing/test/views.js";
import svg, { viewToSvg } from "../src/index.js";

it.each(["reward_progression", "similarity", "performance"] as const)(
  "createComparisonVisualization draws episodes by %s",
  async (comparison) => {
    const source = fileSource(join(import.meta.dirname, "../../../conf"));
    const overrides = ["visualization.image_quality=low", "visualization.color_scheme=high_contrast"];
    const composed = await compose({ source, name: "config", overrides, now: new Date(0) });
    const config = checkConfig(composed.config);
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
