// Writes the pages that pages.mjs opens: `episode.html` of 52 steps and `index.html` of a run, into the folder that is named.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { episodePage, runPage } from "@episcope/plugin-html";
import { episodeView } from "@episcope/testing/invented-steps";
import { metricsView, runView } from "@episcope/testing/views";

const directory = process.argv[2] as string;
const page = episodePage(episodeView(52, { rows: 12, columns: 12 }));
if (page.length > 400_000) throw new Error(`a page of 52 steps takes ${page.length} bytes`);
writeFileSync(join(directory, "episode.html"), page);
writeFileSync(
  join(directory, "index.html"),
  runPage(runView(40), {
    metrics: metricsView(),
    linksOf: (number) => [{ text: "page", path: `episode_${number}/summary.html` }],
    tasks: [{ text: "0d3d703e", path: "tasks/0d3d703e.svg" }],
  }),
);
