import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "@episcope/testing/child-environment";
import { startWandbServer, WANDB_TEST_KEY, type WandbServer } from "@episcope/testing/wandb-server";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CWD, createWorld, type Outcome, type World } from "../fixtures/world.js";
import { ROOT, readText, type Snippet, shellWords, snippetsOf, trackedFiles } from "./repository.js";

const documents = trackedFiles().filter((file) =>
  /^(README|packages\/[^/]+\/README|docs\/[^/]+)\.md$/.test(file),
);
const snippets = documents.flatMap(snippetsOf).filter(({ language }) => language === "ts");
const nameOf = ({ file, line }: Snippet) => `${file}:${line}`;

/** Names that the snippets take for granted. */
const contextNames = [
  ...readText("packages/cli/test/documentation/snippet-context.d.ts").matchAll(/^ {2}const (\w+)/gm),
].map(([, name]) => name!);

/** Whether a snippet needs nothing of a program or a run around it. */
function standsAlone({ code }: Snippet): boolean {
  if (code.includes("outputs/dev_episodes")) return false;
  const text = code.replace(/\/\/.*$/gm, "").replace(/`[^`]*`|"[^"\n]*"/g, "");
  const own = [...text.matchAll(/\b(?:const|let|import) (?:(\w+)|\{([^}]*)\})/g)].flatMap(([, one, many]) =>
    (one ?? many!).split(",").map((name) => name.trim()),
  );
  return contextNames.every(
    (name) => own.includes(name) || !new RegExp(`(?<!\\.)\\b${name}\\b(?!:)`).test(text),
  );
}

const runnable = snippets.filter(standsAlone);

describe("the TypeScript of the documents", () => {
  // Below node_modules, from where the packages are found by name.
  let scratch: string;
  let cwd: string;
  beforeAll(() => {
    mkdirSync(join(ROOT, "node_modules/.cache"), { recursive: true });
    scratch = mkdtempSync(join(ROOT, "node_modules/.cache/episcope-snippets-"));
    cwd = mkdtempSync(join(tmpdir(), "episcope-snippets-"));
  });
  afterAll(() => {
    for (const dir of [scratch, cwd]) rmSync(dir, { recursive: true });
  });

  it("is correct", () => {
    copyFileSync(join(import.meta.dirname, "snippet-context.d.ts"), join(scratch, "context.d.ts"));
    const files = snippets.map((snippet) => {
      const file = `${nameOf(snippet).replace(/\W/g, "_")}.ts`;
      writeFileSync(join(scratch, file), `${snippet.code}\nexport {};\n`);
      return file;
    });
    const config = {
      extends: join(ROOT, "tsconfig.base.json"),
      compilerOptions: { noEmit: true, customConditions: ["@episcope/source"], types: ["node"] },
      files: ["context.d.ts", ...files],
    };
    writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config));
    writeFileSync(join(scratch, "package.json"), '{"type": "module"}');
    const checked = spawnSync("npx", ["tsc", "-p", scratch, "--pretty", "false"], {
      cwd: ROOT,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    expect(checked.stdout).toBe("");
    expect(checked.status).toBe(0);
  }, 120_000);

  it.each(runnable.map((snippet) => [nameOf(snippet), snippet] as const))(
    "%s runs",
    async (name, { code }) => {
      const source = join(scratch, `run_${name.replace(/\W/g, "_")}.ts`);
      const target = source.replace(/ts$/, "mjs");
      writeFileSync(source, code);
      const bundle = await rolldown({
        input: source,
        platform: "node",
        external: /^(?:@episcope\/|node:)/,
        transform: { target: "es2022" },
      });
      await bundle.write({ file: target, format: "esm" });
      await bundle.close();
      const { status, stderr } = spawnSync(process.execPath, [target], {
        cwd,
        encoding: "utf8",
        env: childEnvironment(),
      });
      expect([status, stderr.replace(/^\[episcope\]\[INFO\].*\n/gm, "")]).toEqual([0, ""]);
    },
    60_000,
  );

  it("runs where nothing is missing", () => {
    expect(runnable.map(({ file }) => file)).toEqual(
      expect.arrayContaining(["README.md", "packages/config/README.md", "packages/arc-env/README.md"]),
    );
  });
});

describe("the commands of the READMEs", () => {
  const commands = ["README.md", "packages/cli/README.md"]
    .flatMap(snippetsOf)
    .filter(({ language }) => language === "")
    .flatMap(({ code }) => code.split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => /(^|\s)episcope /.test(line));

  let world: World;
  let server: WandbServer;
  afterAll(() => server.close());
  beforeAll(async () => {
    server = await startWandbServer();
    const task = { train: [{ input: [[1]], output: [[2]] }], test: [{ input: [[1]], output: [[2]] }] };
    world = createWorld({ files: { "path/to/arc-tasks/a.json": JSON.stringify(task) } });
    const stream = await world.run("play", "episodes=2", "--emit", "ndjson");
    world.fs.writeFileSync(`${CWD}/stream.ndjson`, stream.bytes);
    const quietly = ["episodes=2", "visualization=debug_off", "logging=wandb_basic"];
    for (const name of ["RUN", "OTHER"]) {
      await world.run("play", ...quietly, `storage.run_name=${name}`);
      world.fs.renameSync(`${CWD}/outputs/dev_episodes/${name}`, `${CWD}/${name}`);
    }
    await world.run("play", "episodes=1", "visualization=debug_off");
  });

  /** `A=b npx episcope … | npx episcope …`; a later program reads what the one before it wrote. */
  async function runLine(line: string): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const part of line.split(" | ")) {
      const words = shellWords(part);
      const start = words.indexOf("episcope");
      const env: Record<string, string> = {
        ...{ WANDB_BASE_URL: server.origin, WANDB_API_KEY: WANDB_TEST_KEY },
        ...Object.fromEntries(
          words
            .slice(0, start)
            .filter((word) => word.includes("="))
            .map((word) => word.split("=")),
        ),
      };
      const stdin = outcomes.at(-1)?.bytes;
      // A few episodes are enough; the line's own number would win.
      if (words[start + 1] === "play") env["EPISCOPE__EPISODES"] = "2";
      const place = world.with({ env, ...(stdin === undefined ? {} : { stdin: [stdin] }) });
      outcomes.push(await place.run(...words.slice(start + 1)));
    }
    return outcomes;
  }

  it("are there", () => {
    expect(commands.length).toBeGreaterThan(10);
  });

  it.each(commands)(
    "%s",
    async (line) => {
      for (const { status, messages } of await runLine(line))
        expect([status, messages]).toEqual([0, expect.any(String)]);
    },
    120_000,
  );
});
