// Opens the page of an episode and the index page of a run in a real Chromium: reads them by mouse, keys and address, wide and
// narrow, light, dark and printed, and asks axe.
//   node tools/interop/pages.mjs     (CHROMIUM names the browser; otherwise the first one on PATH)
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const executablePath =
  process.env.CHROMIUM ?? onPath("chromium") ?? onPath("chromium-browser") ?? onPath("google-chrome");
if (executablePath === undefined) {
  console.error("no Chromium: install Debian's chromium, or name one in CHROMIUM");
  process.exit(1);
}
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const directory = mkdtempSync(join(tmpdir(), "episcope-pages-"));
const made = spawnSync(process.execPath, [join(here, "../run-ts.mjs"), join(here, "pages.ts"), directory], {
  stdio: "inherit",
});
if (made.status !== 0) process.exit(1);

let failures = 0;
const check = (what, holds, seen = "") => {
  if (holds) return;
  failures += 1;
  console.error(`not so: ${what} ${seen}`);
};

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  for (const name of ["episode", "index"]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 380]) await look(name, colorScheme, width);
    }
  }
  await readSteps();
  await print();
} finally {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
}
if (failures > 0) process.exitCode = 1;
else console.log("both pages are read, driven, printed, and pass axe");

async function open(name, options, { bypassCSP = false } = {}) {
  const context = await browser.newContext({ ...options, bypassCSP });
  const page = await context.newPage();
  page.on("console", (message) => check(`no message of ${name}`, false, message.text()));
  page.on("pageerror", (error) => check(`no error in ${name}`, false, String(error)));
  await page.goto(pathToFileURL(join(directory, `${name}.html`)).href);
  return page;
}

async function look(name, colorScheme, width) {
  const options = { viewport: { width, height: 900 }, colorScheme };
  const page = await open(name, options);
  const where = `${name}, ${colorScheme}, ${width} pixels`;
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(`${where}: nothing is wider than the page`, excess <= 0, excess);
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  check(
    `${where}: the ground`,
    ground === (colorScheme === "dark" ? "rgb(20, 24, 28)" : "rgb(255, 255, 255)"),
    ground,
  );
  const shown = await page
    .locator(width < 700 ? "svg.narrow" : "svg.picture")
    .first()
    .boundingBox();
  check(`${where}: its picture is there`, shown !== null && shown.width > width / 2, JSON.stringify(shown));
  const fill = await page.evaluate(() => getComputedStyle(document.querySelector("svg.picture path")).fill);
  check(`${where}: the picture has the page's ground`, fill === ground, fill);
  await page.context().close();
  // What axe is made of may not run under the page's own policy.
  const judged = await open(name, options, { bypassCSP: true });
  await judged.addScriptTag({ content: axe });
  await judged.evaluate(() => {
    const step = document.querySelector("details.step");
    if (step !== null) step.open = true;
  });
  const { violations, passes } = await judged.evaluate(() => axe.run());
  check(`${where}: axe ran`, passes.length > 10, passes.length);
  for (const { id, impact, nodes } of violations)
    check(`${where}: axe finds nothing`, false, `${impact} ${id}: ${nodes[0].html.slice(0, 200)}`);
  await judged.context().close();
}

async function readSteps() {
  const page = await open("episode", { viewport: { width: 1280, height: 900 } });
  const state = () =>
    page.evaluate(() => [
      [...document.querySelectorAll("details.step[open]")].map(({ id }) => id).join(" "),
      location.hash,
    ]);
  const expectOpen = async (what, id) => {
    const [opened, hash] = await state();
    check(what, opened === id && hash === `#${id}`, `${opened} ${hash}`);
  };
  await page.keyboard.press("j");
  await expectOpen("j unfolds the first step", "step-0");
  await page.keyboard.press("ArrowRight");
  await expectOpen("the right key unfolds the next, and folds the first", "step-1");
  await page.keyboard.press("k");
  await expectOpen("k goes back", "step-0");
  await page.keyboard.press("ArrowLeft");
  await expectOpen("there is none before the first", "step-0");
  await page.locator("#step-0 .around a").last().click();
  await expectOpen("the link goes to the next", "step-1");
  await page.locator("#step-4 > summary").click();
  const [opened] = await state();
  check("a click unfolds a row, and folds the others", opened === "step-4", opened);
  const panels = await page
    .locator("#step-4 svg.panel")
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
  check("the step has its three grids", panels.length === 3 && Math.min(...panels) > 100, panels.join(" "));
  await page.goto(`${page.url().split("#")[0]}#step-7`);
  await expectOpen("an address leads to its step", "step-7");
  await page.context().close();
}

async function print() {
  const page = await open("episode", { colorScheme: "dark" });
  const pdf = await page.pdf({ format: "A4" });
  const sheets = pdf.toString("latin1").match(/\/Type \/Page\b/g)?.length ?? 0;
  check("on paper all steps are unfolded, two or more on a sheet", sheets >= 4 && sheets <= 30, sheets);
  const open_ = await page.evaluate(() => document.querySelectorAll("details.step[open]").length);
  check("and folded again afterwards", open_ === 0, open_);
  await page.context().close();
}

function onPath(name) {
  const { status, stdout } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
