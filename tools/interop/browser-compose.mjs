// Bundles the composing part of @episcope/config and composes in a real Chromium:
//   node tools/interop/browser-compose.mjs     (CHROMIUM names the browser; otherwise the first one on PATH)
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const executablePath =
  process.env.CHROMIUM ?? onPath("chromium") ?? onPath("chromium-browser") ?? onPath("google-chrome");
if (executablePath === undefined) {
  console.error("no Chromium: install Debian's chromium, or name one in CHROMIUM");
  process.exit(1);
}

const bundle = await rolldown({
  input: join(root, "packages/config/src/index.ts"),
  platform: "browser",
  resolve: { conditionNames: ["@episcope/source", "browser", "import"] },
});
const { output } = await bundle.generate({ format: "iife", name: "config" });
await bundle.close();

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  await page.addScriptTag({ content: output[0].code });
  const result = await page.evaluate(async () => {
    const { compose, memorySource } = globalThis.config;
    const source = memorySource({
      "config.yaml": "defaults:\n  - db: mysql\n  - _self_\nurl: ${db.host}:${db.port}\n",
      "db/mysql.yaml": "host: localhost\nport: 3306\n",
    });
    const composition = await compose({ source, name: "config", overrides: ["db.port=1_0"] });
    return { config: composition.config, yaml: composition.toYaml(), origin: composition.explain("db.port") };
  });
  const expected = { db: { host: "localhost", port: 10 }, url: "localhost:10" };
  if (
    JSON.stringify(result.config) !== JSON.stringify(expected) ||
    result.origin.winner.override !== "db.port=1_0"
  ) {
    console.error("composed something else in the browser:", JSON.stringify(result));
    process.exitCode = 1;
  } else console.log(`composed in ${await browser.version()}`);
} finally {
  await browser.close();
}

function onPath(name) {
  const found = spawnSync("which", [name], { encoding: "utf8" }).stdout.trim();
  return found === "" ? undefined : found;
}
