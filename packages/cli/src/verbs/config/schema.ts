import { join, relative, resolve, sep } from "node:path";
import { fileSchemas } from "../../compose/file-schema.js";
import { configDirMissing, configWords } from "../../terminal/errors.js";
import { EXIT, type ExitStatus } from "../../terminal/exit-status.js";
import type { ProgramIo } from "../../terminal/io.js";

const HEADER = "# yaml-language-server: $schema=";
/** Beside the configs, and read by editors alone. */
const FOLDER = ".schema";

/**
 * `episcope config schema [GROUP]` prints the JSON Schema of the files of a group, `config` for a primary config;
 * `--write DIR` puts all of them below DIR, and before every file the line by which editors find its schema.
 */
export async function configSchema(
  words: readonly string[],
  folder: string | undefined,
  io: ProgramIo,
): Promise<ExitStatus> {
  const schemas = fileSchemas(io.fs);
  const [group = "config"] = words;
  if (folder !== undefined) return writeSchemas(folder, schemas, io);
  const schema = schemas.get(group);
  if (schema === undefined || words.length > 1)
    throw configWords("schema", `[${[...schemas.keys()].join("|")}], or --write DIR`);
  await io.out(`${JSON.stringify(schema, null, 2)}\n`);
  return EXIT.done;
}

async function writeSchemas(
  folder: string,
  schemas: ReturnType<typeof fileSchemas>,
  io: ProgramIo,
): Promise<ExitStatus> {
  const root = resolve(io.cwd, folder);
  if (!io.fs.existsSync(root)) throw configDirMissing(folder);
  io.fs.mkdirSync(join(root, FOLDER), { recursive: true });
  for (const [group, schema] of schemas)
    io.fs.writeFileSync(join(root, FOLDER, `${group}.json`), `${JSON.stringify(schema, null, 2)}\n`);
  let headed = 0;
  for (const name of io.fs.readdirSync(root, { recursive: true }).map(String)) {
    const [group, ...below] = name.split(sep);
    const schema = below.length === 0 ? "config" : group!;
    if (!name.endsWith(".yaml") || !schemas.has(schema)) continue;
    const path = join(root, name);
    const text = String(io.fs.readFileSync(path, "utf8"));
    if (text.includes(HEADER)) continue;
    const target = relative(join(path, ".."), join(root, FOLDER, `${schema}.json`))
      .split(sep)
      .join("/");
    io.fs.writeFileSync(path, `${HEADER}${target}\n${text}`);
    headed += 1;
  }
  await io.out(`${schemas.size} schemas in ${join(folder, FOLDER)}; ${headed} files name theirs.\n`);
  return EXIT.done;
}
