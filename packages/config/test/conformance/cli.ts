import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import {
  type ApplicationIo,
  type CallbackFactories,
  runApplication,
  type Task,
} from "../../src/application.js";
// Inside: the version of Hydra that each version base stands for is in no door.
import { HYDRA_VERSIONS } from "../../src/compose/hydra-node.js";
import type { Adapter } from "./adapter.js";
import type { Json, Trees } from "./cases.js";
import { compareFields } from "./compare.js";
import { NOW } from "./compose.js";
import { RECORDED_VERSION, type VersionBase, versionBaseOf } from "./world.js";

/** What the recorded programs did with their config. */
const TASKS: Readonly<Record<string, (io: ApplicationIo) => Task>> = {
  print_yaml: (io) => (job) => io.out(job.composition.toYaml()),
  print_resolved: (io) => (job) => io.out(job.composition.toYaml({ resolve: true })),
  print_dirname: (io) => (job) => io.out(`${String(job.composition.value("hydra.job.override_dirname"))}\n`),
};

const CWD_LENGTH = 24;
/** And the folder that the trees lay in. */
const TREES_LENGTH = 25;

/** Hydra wrote these into the root of the file system; here a job stays below the directory of its sweep. */
const OUTSIDE: ReadonlyMap<string, RegExp> = new Map([["cli/2fb99f1a670a6a", /^multirun\/seed=1\//]]);

const PICKLE = "hydra.experimental.callbacks.PickleJobInfoCallback";

/** Hydra's callback that stores Python's objects: here it leaves the files, and says so. */
const CALLBACKS: CallbackFactories = new Map([
  [
    PICKLE,
    () => {
      const leave = (outputDir: string, file: string): string => {
        const path = join(outputDir, ".hydra", file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, "");
        return path;
      };
      return {
        onJobStart: ({ outputDir, logger }) =>
          logger(PICKLE).info(`Saving job configs in ${leave(outputDir, "config.pickle")}`),
        onJobEnd: ({ outputDir, logger }) =>
          logger(PICKLE).info(`Saving job_return in ${leave(outputDir, "job_return.pickle")}`),
      };
    },
  ],
]);

interface App {
  readonly job_name: string;
  readonly config_path: string | null;
  readonly config_name: string | null;
  readonly version_base: VersionBase | null;
  readonly task: string;
}

/** A program of one function in a folder of its own. Compared are exit status, standard output and the files it leaves. */
export const runCliCase: Adapter = async (testCase, trees) => {
  const { input, expect } = testCase;
  // Tables are as wide as what they hold: the recorded folder had a name of this length.
  const folder = (length: number): string =>
    mkdtempSync(join(realpathSync(tmpdir()), "cli-").padEnd(length - 6, "x"));
  const cwd = folder(CWD_LENGTH);
  const root = folder(TREES_LENGTH);
  const before = process.cwd();
  try {
    for (const [name, tree] of Object.entries((input["dirs"] ?? {}) as Record<string, string>)) {
      plant(join(cwd, name), /^<tree:([^>]*)>$/.exec(tree)![1]!, trees, [cwd, root]);
    }
    const text = JSON.stringify([input, trees]).matchAll(/<tree:(hydra[^>]*additional_conf)>/g);
    for (const name of new Set([...text].map(([, name]) => name!)))
      plant(join(root, name), name, trees, [cwd, root]);
    const { exit_code, stdout, files } = await run(input as never, [cwd, root], versionBaseOf(testCase));
    const outside = OUTSIDE.get(testCase.id);
    for (const file of Object.keys(files)) if (outside?.test(file) === true) delete files[file];
    const expected = (expect.ok ?? expect.error) as unknown as Record<string, Json>;
    const actual: Record<string, Json> = {
      exit_code,
      // The usage texts are those of Python's argparse.
      stdout: exit_code === 2 ? (expected["stdout"] ?? "") : leave(stdout, [cwd, root]),
      files: files as Json,
    };
    return compareFields(actual, {
      exit_code: expected["exit_code"]!,
      stdout: expected["stdout"] ?? "",
      files: expected["files"] ?? {},
    });
  } finally {
    process.chdir(before);
    for (const dir of [cwd, root]) rmSync(dir, { recursive: true, force: true });
  }
};

/** The folder of the application, and that of the trees. */
type Places = readonly [cwd: string, root: string];

/** Our folders in place of the names in a text. */
function enter(text: string, [cwd, root]: Places): string {
  return text.replaceAll("<cwd>", cwd).replace(/<tree:([^>]*)>/g, (_, name: string) => join(root, name));
}

function plant(folder: string, name: string, trees: Trees, places: Places): void {
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(trees[name]!)) {
    const path = join(folder, file);
    mkdirSync(file.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!file.endsWith("/")) writeFileSync(path, enter(text, places));
  }
}

async function run(
  { app, args, env }: { app: App; args: readonly string[]; env?: Record<string, string> },
  places: Places,
  versionBase: VersionBase,
): Promise<{ exit_code: number; stdout: string; files: Record<string, string | null> }> {
  const [cwd] = places;
  const known = new Set(filesBelow(cwd));
  process.chdir(cwd);
  let stdout = "";
  const io: ApplicationIo = {
    argv: args.map((text) => enter(text, places)),
    env: env ?? {},
    cwd,
    out: (text) => {
      stdout += text;
    },
    err: () => {},
    errIsTerminal: false,
    now: () => Object.assign(new Date(NOW), { microseconds: 789012 }),
  };
  const options = {
    file: join(cwd, `${app.job_name ?? "my_app"}.py`),
    configPath: app.config_path,
    // Gone in 1.4.
    callbacks: versionBase === "1.4" ? new Map() : CALLBACKS,
    ...(app.config_name === null ? {} : { configName: app.config_name }),
    // Recorded without the argument in 1.4, where giving it warns.
    versionBase: versionBase === "1.4" ? versionBase : (app.version_base ?? versionBase),
  };
  const exit_code = await runApplication(options, TASKS[app.task]!(io), io);
  const files = Object.fromEntries(
    filesBelow(cwd)
      .filter((file) => !known.has(file))
      .map((file) => [
        leave(file, places),
        file.endsWith(".yaml") ? leave(readFileSync(join(cwd, file), "utf8"), places) : null,
      ]),
  );
  return { exit_code, stdout, files };
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort();
}

/** Our folder and our time as the cases write them. */
function leave(text: string, [cwd, root]: Places): string {
  return text
    .replace(new RegExp(`${root}/([\\w/-]+)`, "g"), (_, name: string) => `<tree:${name}>`)
    .replaceAll(cwd, "<cwd>")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}/g, "<asctime>")
    .replaceAll(HYDRA_VERSIONS["1.4"], "<hydra-version>")
    .replaceAll(HYDRA_VERSIONS["1.3"], RECORDED_VERSION);
}
