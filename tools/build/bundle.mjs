// Writes the JavaScript of the package in the working directory: each door of its `exports`, and each further module of `src`
// that is named behind the command, becomes one file of `dist`, with what they share in `dist/chunks`. A program that loads some
// hundred small modules spends most of its start on finding and opening them. Types are the compiler's work (`tsc -b`).
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { Ajv } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { rolldown } from "rolldown";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const entries = new Map();
for (const door of Object.values(manifest.exports)) {
  const source = /^\.\/src\/(.*)\.ts$/.exec(door["@episcope/source"] ?? "");
  if (source !== null) entries.set(source[1], join("src", `${source[1]}.ts`));
}
for (const name of process.argv.slice(2)) entries.set(name, join("src", `${name}.ts`));

/** Where a module would lie in `dist` if it had a file there: paths beside it are found from wherever it lies now. */
const PLACE = "__PLACE_OF_MODULE__";
/** What `import.meta.url` becomes, wherever code says it: a constant of each module that does. */
const OWN_PLACE = "__ownPlace__";
const source = join(process.cwd(), "src");
const ownPlace = {
  name: "own-place",
  transform(code, id) {
    if (!code.includes("import.meta.url") || !id.startsWith(source)) return null;
    const place = relative(source, id).replaceAll("\\", "/").replace(/\.ts$/, ".js");
    return `const ${OWN_PLACE} = ${PLACE}(${JSON.stringify(place)}); ${code}`;
  },
  renderChunk(code, chunk) {
    if (!code.includes(PLACE)) return null;
    return code.replaceAll(
      new RegExp(`${PLACE}\\("([^"]*)"\\)`, "g"),
      (_, place) =>
        `new URL(${JSON.stringify(posix.relative(posix.dirname(chunk.fileName), place))}, import.meta.url).href`,
    );
  },
};

/** Packages of many small files that are taken into the bundle, with their licences; all others stay once for a whole program. */
const INLINED = [
  "ajv",
  "fast-deep-equal",
  "fast-uri",
  "json-schema-traverse",
  "@msgpack/msgpack",
  "commander",
  "diff",
  "yaml",
];
const inlined = new Set();
const isInlined = (id) => INLINED.some((name) => id === name || id.startsWith(`${name}/`));
const noteInlined = {
  name: "note-inlined",
  moduleParsed({ id }) {
    const at = id.lastIndexOf("node_modules/");
    if (at < 0) return;
    const folder = /^(?:@[^/]+\/)?[^/]+/.exec(id.slice(at + "node_modules/".length))[0];
    inlined.add(id.slice(0, at) + join("node_modules", folder));
  },
};

/** `x-validators.ts` becomes the validators of the SCHEMAS in `x-schemas.ts`: compiling a schema takes longer than using it once. */
const VALIDATORS = /-validators\.ts$/;
const compiledSchemas = {
  name: "compiled-schemas",
  async load(id) {
    if (!VALIDATORS.test(id)) return null;
    const schemas = await importSource(id.replace(VALIDATORS, "-schemas.ts"));
    // As config's `validateConfig` compiles them.
    const options = { allErrors: true, strict: false, verbose: true, logger: false };
    const ajv = new Ajv({ ...options, code: { source: true, esm: true } });
    const names = Object.entries(schemas.SCHEMAS).map(([name, schema]) => {
      ajv.addSchema(schema, name);
      return name;
    });
    const code = standaloneCode(ajv, Object.fromEntries(names.map((name) => [`validate_${name}`, name])));
    const table = names.map((name) => `${JSON.stringify(name)}: validate_${name}`).join(", ");
    return { code: `${code}\nexport const VALIDATORS = { ${table} };\n`, moduleType: "js" };
  },
};

/** `x-at-build.ts` is evaluated now: its TABLE becomes a constant, and what it took to make it is not in the bundle. */
const AT_BUILD = /-at-build\.ts$/;
const evaluatedAtBuild = {
  name: "evaluated-at-build",
  async load(id) {
    if (!AT_BUILD.test(id)) return null;
    const { TABLE } = await importSource(id);
    return { code: `export const TABLE = ${JSON.stringify(TABLE)};\n`, moduleType: "js" };
  },
};

/** Modules are loaded beside each other. */
let asides = 0;

async function importSource(file) {
  const bundle = await rolldown({
    input: file,
    platform: "node",
    external: (id) => /^(?:@episcope\/|node:)/.test(id),
    transform: { target: "node20.19" },
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  // Beside the package's manifest, where its dependencies are found.
  const aside = join(process.cwd(), `.built-${process.pid}-${asides++}.mjs`);
  writeFileSync(aside, output[0].code);
  try {
    return await import(pathToFileURL(aside).href);
  } finally {
    rmSync(aside);
  }
}

/** Licences of what was inlined, as they ask for: in every copy. */
function writeLicences() {
  const texts = [...inlined].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    return `${name} ${version}\n\n${readFileSync(join(folder, licence), "utf8").trim()}\n`;
  });
  if (texts.length > 0) writeFileSync("dist/THIRD-PARTY-LICENSES.txt", texts.join(`\n${"-".repeat(80)}\n\n`));
}

const bundle = await rolldown({
  input: Object.fromEntries(entries),
  platform: "node",
  // The helpers stand in for newer syntax.
  external: (id) => !/^(?:[./]|\0|@oxc-project\/runtime)/.test(id) && !isInlined(id),
  plugins: [ownPlace, compiledSchemas, evaluatedAtBuild, noteInlined],
  transform: { target: "node20.19", define: { "import.meta.url": OWN_PLACE } },
  treeshake: { moduleSideEffects: true },
});
mkdirSync("dist", { recursive: true });
for (const file of readdirSync("dist", { recursive: true }).map(String))
  if (file.endsWith(".js") && !file.startsWith("conf")) rmSync(join("dist", file));
await bundle.write({
  dir: "dist",
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name]-[hash].js",
  minifyInternalExports: false,
  comments: false,
});
await bundle.close();
writeLicences();
