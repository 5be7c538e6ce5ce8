import {
  type Fault,
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  startScriptedServer,
} from "@episcope/tracker/testing";

/** What a W&B server has of one run. */
export interface StoredRun {
  readonly project: string;
  readonly entity: string;
  /** Variables of every upsert, in order. */
  readonly upserts: { readonly [name: string]: unknown }[];
  /** Lines by their number: "wandb-history.jsonl", "wandb-events.jsonl", "output.log", "wandb-summary.json". */
  readonly lines: Map<string, string[]>;
  /** Bytes by path. */
  readonly files: Map<string, Uint8Array>;
  /** Paths that the stream named as uploaded. */
  readonly uploaded: string[];
  /** Versions, in the order in which they were made. */
  readonly artifacts: StoredArtifact[];
  complete: boolean;
  exitCode: number | null;
}

export interface StoredArtifact {
  readonly name: string;
  readonly type: string;
  readonly digest: string;
  readonly clientId: string;
  /** Bytes by path; "wandb_manifest.json" among them. */
  readonly files: Map<string, Uint8Array>;
  committed: boolean;
}

export interface WandbServer extends ScriptedServer {
  readonly runs: ReadonlyMap<string, StoredRun>;
  /** What a well-behaved client never does: gaps between lines, another content for a row, a wrong key. */
  readonly offences: readonly string[];
  /** The rows of a run, parsed; bare NaN and infinities become null. */
  rows(run: string): { readonly [key: string]: unknown }[];
}

export interface WandbServerOptions {
  readonly fault?: (request: ScriptedRequest, number: number) => Fault | null;
  readonly port?: number;
  /** The key that requests must carry. Default: 40 times "k". */
  readonly key?: string;
  /** What is stored already. */
  readonly runs?: Map<string, StoredRun>;
  /** Changes an answer. */
  readonly edit?: (operation: string, answer: object) => object;
}

/** What `WANDB_API_KEY` must be for a server that was given none. */
export const WANDB_TEST_KEY: string = "k".repeat(40);

/** A loopback server that answers the official client and ours: GraphQL, file stream and uploads, kept in memory. */
export async function startWandbServer(options: WandbServerOptions = {}): Promise<WandbServer> {
  const {
    key = WANDB_TEST_KEY,
    runs = new Map(),
    fault,
    port,
    edit = (_operation, answer) => answer,
  } = options;
  const offences: string[] = [];
  const authorization = `Basic ${Buffer.from(`api:${key}`).toString("base64")}`;
  const server = await startScriptedServer({
    ...(fault === undefined ? {} : { fault }),
    ...(port === undefined ? {} : { port }),
    answer(request) {
      const isUpload = request.path.startsWith("/up/");
      if (isUpload && request.headers["authorization"] !== undefined)
        offences.push("the key went to an upload");
      if (!isUpload && request.headers["authorization"] !== authorization) return { status: 401 };
      if (isUpload) return storeFile(runs, request);
      if (request.path === "/graphql")
        return answerQuery(runs, request, `http://${request.headers["host"]}`, edit);
      return storeLines(runs, request, offences);
    },
  });
  return {
    ...server,
    runs,
    offences,
    rows: (run) =>
      (runs.get(run)?.lines.get("wandb-history.jsonl") ?? []).map(
        (line: string) =>
          JSON.parse(
            line.replaceAll(/("(?:[^"\\]|\\.)*")|-?Infinity|NaN/g, "$1").replaceAll(/:(?=[,}])/g, ":null"),
          ) as object as {
            [key: string]: unknown;
          },
      ),
  };
}

type Runs = Map<string, StoredRun>;

function answerQuery(
  runs: Runs,
  request: ScriptedRequest,
  origin: string,
  edit: (operation: string, answer: object) => object,
): ScriptedAnswer {
  const body = JSON.parse(Buffer.from(request.body).toString("utf8")) as {
    operationName?: string;
    query: string;
    variables?: { [name: string]: unknown };
  };
  const operation = body.operationName || (/(?:query|mutation)\s+(\w+)/.exec(body.query)?.[1] ?? "");
  const variables = body.variables ?? {};
  return { body: edit(operation, { data: dataFor(operation, variables, runs, origin) }) };
}

function dataFor(
  operation: string,
  variables: { readonly [name: string]: unknown },
  runs: Runs,
  origin: string,
): object {
  switch (operation) {
    case "Viewer":
      return { viewer: { entity: "entity1", username: "user1" } };
    case "RunResumeStatus": {
      const run = runs.get(String(variables["name"]));
      return { model: run === undefined ? null : { bucket: resumeStatus(String(variables["name"]), run) } };
    }
    case "UpsertBucket":
      return { upsertBucket: upsert(runs, variables) };
    case "CreateRunFiles": {
      const { run, files } = variables as { run: string; files: string[] };
      const place = `${origin}/up/${encodeURIComponent(run)}/`;
      return {
        createRunFiles: {
          runID: "UnVuOjE=",
          uploadHeaders: ["X-Stub-Upload:run-file"],
          files: files.map((name) => ({
            name,
            uploadUrl: `${place}${encodeURIComponent(name)}?signature=secret`,
          })),
        },
      };
    }
    case "ServerFeaturesQuery":
      return { serverInfo: { features: [] } };
    case "ArtifactType":
      return { project: null };
    case "CreateArtifact":
      return { createArtifact: { artifact: createArtifact(runs, variables["input"] as ArtifactInput) } };
    case "CreateArtifactManifest": {
      const id = String(variables["artifactID"]);
      const uploadUrl =
        variables["includeUpload"] === true ? placeIn(origin, id, "wandb_manifest.json") : null;
      return {
        createArtifactManifest: { artifactManifest: { id: `M-${id}`, file: { id: "F1", uploadUrl } } },
      };
    }
    case "CreateArtifactFiles": {
      const { artifactFiles } = variables["input"] as {
        artifactFiles: { readonly artifactID: string; readonly name: string }[];
      };
      const edges = artifactFiles.map(({ artifactID, name }) => ({
        node: {
          ...{ storagePath: name, uploadUrl: placeIn(origin, artifactID, name) },
          ...{ uploadHeaders: ["X-Stub-Upload:artifact-file"], artifact: { id: artifactID } },
        },
      }));
      return { createArtifactFiles: { files: { edges } } };
    }
    case "CommitArtifact": {
      const artifact = artifactOf(runs, String(variables["artifactID"]));
      if (artifact !== undefined) artifact.committed = true;
      return { commitArtifact: { artifact: { id: variables["artifactID"], digest: artifact?.digest } } };
    }
    default:
      return {};
  }
}

interface ArtifactInput {
  readonly runName: string;
  readonly artifactCollectionName: string;
  readonly artifactTypeName: string;
  readonly digest: string;
  readonly clientID: string;
}

/** Ids are a run's name and the number of the version in it. */
function createArtifact(runs: Runs, input: ArtifactInput): { id: string; state: string } {
  const { runName, artifactCollectionName: name, artifactTypeName: type, digest, clientID: clientId } = input;
  const artifacts = runs.get(runName)!.artifacts;
  const known = artifacts.findIndex((one) => one.name === name && one.digest === digest);
  if (known >= 0)
    return { id: `${runName}:${known}`, state: artifacts[known]!.committed ? "COMMITTED" : "PENDING" };
  artifacts.push({ name, type, digest, clientId, files: new Map(), committed: false });
  return { id: `${runName}:${artifacts.length - 1}`, state: "PENDING" };
}

function artifactOf(runs: Runs, id: string): StoredArtifact | undefined {
  const [run, number] = id.split(":");
  return runs.get(run!)?.artifacts[Number(number)];
}

function placeIn(origin: string, artifact: string, path: string): string {
  return `${origin}/up/${encodeURIComponent(artifact)}/${encodeURIComponent(path)}?signature=secret`;
}

function resumeStatus(name: string, run: StoredRun): object {
  const lines = (file: string): string[] => run.lines.get(file) ?? [];
  const history = lines("wandb-history.jsonl");
  return {
    ...{ id: "UnVuOjE=", name, config: "{}", wandbConfig: '{"t": {"3": [13]}}', tags: [], notes: null },
    summaryMetrics: lines("wandb-summary.json")[0] ?? "{}",
    historyLineCount: history.length,
    eventsLineCount: lines("wandb-events.jsonl").length,
    logLineCount: lines("output.log").length,
    historyTail: JSON.stringify(history.slice(-1)),
    eventsTail: "[]",
  };
}

function upsert(runs: Runs, variables: { readonly [name: string]: unknown }): object {
  const name = String(variables["name"]);
  const isNew = !runs.has(name);
  if (isNew) {
    runs.set(name, {
      ...{ project: String(variables["project"] ?? "uncategorized"), entity: "entity1", upserts: [] },
      ...{ lines: new Map(), files: new Map(), uploaded: [], artifacts: [] },
      ...{ complete: false, exitCode: null },
    });
  }
  const run = runs.get(name)!;
  run.upserts.push(variables);
  const { project, entity, lines } = run;
  return {
    bucket: {
      ...{
        id: "UnVuOjE=",
        name,
        displayName: variables["displayName"] ?? name,
        config: "{}",
        sweepName: null,
      },
      project: { id: "UHJvajox", name: project, entity: { id: "RW50OjE=", name: entity } },
      historyLineCount: lines.get("wandb-history.jsonl")?.length ?? 0,
    },
    inserted: isNew,
  };
}

function storeFile(runs: Runs, { path, body }: ScriptedRequest): ScriptedAnswer {
  const [, , run, file] = new URL(path, "http://localhost").pathname.split("/");
  const id = decodeURIComponent(run!);
  (id.includes(":") ? artifactOf(runs, id) : runs.get(id))?.files.set(decodeURIComponent(file!), body);
  return { body: "" };
}

interface StreamBody {
  readonly files?: {
    readonly [file: string]: { readonly offset: number; readonly content: readonly string[] };
  };
  readonly uploaded?: readonly string[];
  readonly complete?: boolean;
  readonly exitcode?: number;
}

function storeLines(runs: Runs, { path, body }: ScriptedRequest, offences: string[]): ScriptedAnswer {
  const name = decodeURIComponent(path.split("/")[4] ?? "");
  const run = runs.get(name);
  if (run === undefined) return { status: 404 };
  const stream = JSON.parse(Buffer.from(body).toString("utf8")) as StreamBody;
  for (const [file, { offset, content }] of Object.entries(stream.files ?? {})) {
    const lines = run.lines.get(file) ?? [];
    run.lines.set(file, lines);
    if (offset > lines.length) offences.push(`${file}: line ${offset} came behind ${lines.length} lines`);
    for (const [index, line] of content.entries()) {
      const known = lines[offset + index];
      const mayChange = file === "wandb-summary.json" || file === "output.log";
      if (known !== undefined && known !== line && !mayChange) {
        offences.push(`${file}: line ${offset + index} came with another content`);
      }
      lines[offset + index] = line;
    }
  }
  run.uploaded.push(...(stream.uploaded ?? []));
  if (stream.complete === true) {
    run.complete = true;
    run.exitCode = stream.exitcode ?? null;
  }
  return { body: {} };
}
