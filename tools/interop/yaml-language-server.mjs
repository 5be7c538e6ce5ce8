// The schemas of config files in a real editor's language server: every preset is accepted, mutated ones are not.
//   node tools/interop/yaml-language-server.mjs
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const VERSION = "1.25.0";
const MUTATIONS = 50;
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const home = join(root, "node_modules", ".cache", "episcope", `yaml-language-server-${VERSION}`);
const program = join(home, "node_modules", "yaml-language-server", "bin", "yaml-language-server");
if (!existsSync(program)) {
  const words = ["install", "--prefix", home, "--ignore-scripts", "--no-save", "--no-audit", "--no-fund"];
  must("npm", [...words, `yaml-language-server@${VERSION}`]);
}

const work = mkdtempSync(join(tmpdir(), "yaml-language-server-"));
const episcope = join(root, "packages", "cli", "bin", "episcope.js");
must(process.execPath, [episcope, "config", "init", "conf"], work);
must(process.execPath, [episcope, "config", "schema", "--write", "conf"], work);

const server = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const waiting = new Map();
let buffered = Buffer.alloc(0);
server.stdout.on("data", (chunk) => {
  buffered = Buffer.concat([buffered, chunk]);
  for (;;) {
    const head = buffered.indexOf("\r\n\r\n");
    if (head === -1) return;
    const length = Number(/Content-Length: (\d+)/.exec(String(buffered.subarray(0, head)))[1]);
    if (buffered.length < head + 4 + length) return;
    const message = JSON.parse(String(buffered.subarray(head + 4, head + 4 + length)));
    buffered = buffered.subarray(head + 4 + length);
    receive(message);
  }
});

function send(message) {
  const text = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

function receive({ id, method, params, result }) {
  if (method === "textDocument/publishDiagnostics") waiting.get(params.uri)?.(params.diagnostics);
  else if (method === "workspace/configuration") send({ id, result: params.items.map(() => ({})) });
  else if (method !== undefined && id !== undefined) send({ id, result: null });
  else if (id !== undefined) waiting.get(id)?.(result);
}

const answer = (key) => new Promise((resolve) => waiting.set(key, resolve));
let opened = 0;

/** What the server finds wrong with a text that stands in the place of a file. */
async function problems(file, text) {
  // Each is a document of its own beside the file, so that the line which names the schema leads to the same place.
  const uri = pathToFileURL(join(dirname(file), `${opened++}.yaml`)).href;
  const found = answer(uri);
  send({
    method: "textDocument/didOpen",
    params: { textDocument: { uri, languageId: "yaml", version: 1, text } },
  });
  return found;
}

const initialized = answer(1);
const capabilities = { textDocument: { publishDiagnostics: {} }, workspace: { configuration: true } };
send({
  id: 1,
  method: "initialize",
  params: { processId: process.pid, rootUri: pathToFileURL(work).href, capabilities },
});
await initialized;
send({ method: "initialized", params: {} });

const files = readdirSync(join(work, "conf"), { recursive: true })
  .map((name) => join(work, "conf", String(name)))
  .filter((name) => name.endsWith(".yaml"));
let wrong = 0;
let refused = 0;
for (const file of files) {
  const text = readFileSync(file, "utf8");
  const found = await problems(file, text);
  if (found.length > 0) report(file, `is not accepted: ${found.map(({ message }) => message).join("; ")}`);
  if (dirname(file).endsWith("conf")) continue;
  for (const line of text
    .split("\n")
    .filter((one) => /^\w+: *[^ #{]/.test(one) && !one.startsWith("defaults"))) {
    const [key] = line.split(":");
    for (const mutated of [
      text.replace(line, line.replace(key, `${key}s_`)),
      text.replace(line, `${key}: {a: [1]}`),
    ]) {
      if ((await problems(file, mutated)).length > 0) refused += 1;
      else report(file, `is accepted although '${line}' is wrong`);
    }
  }
}
server.kill();
rmSync(work, { recursive: true });
if (refused < MUTATIONS) report("all", `only ${refused} mutated files were refused`);
console.log(`${files.length} files accepted, ${refused} mutated ones refused`);
process.exit(wrong > 0 ? 1 : 0);

function report(file, problem) {
  wrong += 1;
  console.error(`${file} ${problem}`);
}

function must(command, words, cwd = root) {
  const { status, stderr } = spawnSync(command, words, { cwd, encoding: "utf8" });
  if (status === 0) return;
  console.error(`'${command} ${words.join(" ")}' failed: ${stderr}`);
  process.exit(1);
}
