// Writes outputs/gallery/index.html: every kind of picture, in every scheme, of episodes played on ARC tasks.
//   npm run gallery [-- TASK_DIR]
// Without TASK_DIR the reference tasks beside the repository are taken, else the tasks of packages/arc-env.

import * as fs from "node:fs";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadTasks } from "@episcope/arc-env";
import { FONT_FILES } from "../font-files.js";
import { galleryPage, type Section } from "./page.js";
import { playGallery } from "./play.js";
import { sections } from "./sections.js";

const given = process.argv[2];
const candidates = ["../shared/reference/arc-tasks/training", "packages/arc-env/tasks"];
const directory = given ?? candidates.find((path) => existsSync(path));
if (directory === undefined || !existsSync(directory)) {
  console.error(
    `No task directory: looked at ${given ?? candidates.join(", ")}. Run from the repository root.`,
  );
  process.exit(1);
}
const tasks = loadTasks(directory, fs);
const material = await playGallery(tasks);
const pictures: readonly Section[] = sections(material);

const output = resolve("outputs", "gallery");
mkdirSync(output, { recursive: true });
const page = galleryPage(pictures, {
  regular: readFileSync(FONT_FILES.regular),
  bold: readFileSync(FONT_FILES.bold),
});
const file = join(output, "index.html");
writeFileSync(file, page);
const count = pictures.reduce((sum, { pictures: all }) => sum + all.length, 0);
console.error(`${count} pictures, ${(page.length / 1e6).toFixed(1)} MB`);
console.log(file);
