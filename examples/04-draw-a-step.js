// Draws one step of a run again, larger and for colour-blind eyes.  node examples/04-draw-a-step.js RUN [EPISODE [STEP]]
import * as fs from "node:fs";
import { viewToSvg } from "@episcope/plugin-svg";
import { DEFAULT_PICTURE_SETTINGS } from "@episcope/records";
import { Replayer, RunReader } from "@episcope/records/store";

const [directory, episode = "1", step = "0"] = process.argv.slice(2);
if (directory === undefined) {
  console.error("usage: node examples/04-draw-a-step.js RUN [EPISODE [STEP]]");
  process.exit(2);
}
const replayer = new Replayer(new RunReader(directory, { fs }));

// A view holds all that a picture shows; a renderer cannot tell a live one from one of the journal.
const view = replayer.stepView(Number(episode), Number(step));
const picture = viewToSvg(view, {
  ...DEFAULT_PICTURE_SETTINGS,
  color_scheme: "colorblind",
  show_coordinates: true,
});

fs.writeFileSync("step.svg", picture);
console.log(`step.svg: ${picture.length} bytes`);
