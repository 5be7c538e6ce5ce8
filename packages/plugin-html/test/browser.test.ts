import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { episodeView } from "@episcope/testing/invented-steps";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { episodePage } from "../src/index.js";

const executablePath = process.env["CHROMIUM"] ?? onPath("chromium", "chromium-browser", "google-chrome");
if (executablePath === undefined) {
  console.warn("skipped: the page in a browser; install Chromium, or name one in CHROMIUM");
}

const metrics = {
  entropy: 1.25,
  value: 0.4,
  advantage_estimate: -0.33,
  kl_divergence_to_prior: 0.00123,
  loss_policy: 12.5,
  loss_value: 0.004,
  explained_variance_of_a_name_that_does_not_end: 0.87,
};

describe.skipIf(executablePath === undefined)("the page of an episode, in a browser,", () => {
  const directory = mkdtempSync(join(tmpdir(), "episcope-page-"));
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const view = episodeView(5);
    const steps = [...view.steps].map((step) => ({ ...step, info: { metrics } }));
    writeFileSync(join(directory, "page.html"), episodePage({ ...view, steps }));
    browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox"] });
    page = await browser.newPage();
    await page.goto(pathToFileURL(join(directory, "page.html")).href);
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Pixels by which something is wider than its room. */
  const excess = (selector: string) =>
    page.locator(selector).evaluate((element) => element.scrollWidth - element.clientWidth);

  it.each([1440, 1280, 1000])("does not scroll sideways at %i pixels", async (width) => {
    await page.setViewportSize({ width, height: 900 });
    expect(await excess("html")).toBe(0);
  });

  it("never scrolls sideways as a whole, on a telephone neither", async () => {
    await page.setViewportSize({ width: 360, height: 700 });
    expect(await excess("html")).toBe(0);
  });

  it("fits on paper, light whatever the screen's scheme is", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    // A4 without its margins, at 96 pixels an inch.
    await page.setViewportSize({ width: 688, height: 1017 });
    expect(await excess("html")).toBe(0);
    const ground = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    expect(ground).toBe("rgb(255, 255, 255)");
    await page.emulateMedia({ media: "screen", colorScheme: null });
  });

  it("unfolds a step by key, and shows its grids", async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.keyboard.press("j");
    const widths = await page
      .locator("details.step[open] svg.panel")
      .evaluateAll((panels) => panels.map((panel) => panel.clientWidth));
    expect(widths).toHaveLength(3);
    expect(Math.min(...widths)).toBeGreaterThan(100);
  });
});

function onPath(...names: readonly string[]): string | undefined {
  for (const name of names) {
    const { status, stdout } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}
