// Puts a link to an outside directory in the place of an episode's directory, and back, as fast as it can.
//   swap-links RUN EPISODE OUTSIDE
import { renameSync, symlinkSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

const [run, episode, outside] = process.argv.slice(2);
const place = join(run!, episode!);
const aside = join(run!, `.aside-${episode}`);
writeSync(1, "ready 1\n");
let swaps = 0;
let told = 0;
process.on("SIGTERM", () => {
  writeSync(1, `swaps ${swaps}\n`);
  process.exit(0);
});
const swap = (): void => {
  const end = performance.now() + 5;
  while (performance.now() < end) {
    try {
      renameSync(place, aside);
      symlinkSync(outside!, place);
      swaps += 1;
      unlinkSync(place);
      renameSync(aside, place);
    } catch {
      // The cleaner was faster, or it has just been made anew.
      putBack();
    }
  }
  if (swaps >= told + 10) {
    writeSync(1, `swaps ${swaps}\n`);
    told = swaps;
  }
  setImmediate(swap);
};

/** The cleaner has taken the link away between two calls: the directory still stands aside. */
function putBack(): void {
  try {
    renameSync(aside, place);
  } catch {
    // It does not.
  }
}

swap();
