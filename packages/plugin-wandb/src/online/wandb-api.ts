import {
  answerInvalid,
  type FailedTry,
  type HttpClient,
  sendWithRetries,
  type Waiting,
} from "@episcope/tracker";
import { serverSaysNo } from "../format/errors.js";
import { CREATE_RUN_FILES, RUN_RESUME_STATUS, UPSERT_BUCKET } from "./operations.js";

const QUERY_MS = 30_000;
const STREAM_MS = 60_000;
const PUT_MS = 60_000;
/** A line slower than this is taken for dead. */
const PUT_BYTES_PER_MS = 20;
/** The official client tries an upsert again at it, but nothing else. */
const CONFLICT = 409;

export interface WandbServer {
  /** For instance "https://api.wandb.ai", without a slash at the end. */
  readonly baseUrl: string;
  /** Goes to `baseUrl` alone, in a header. */
  readonly key: string;
  readonly userAgent: string;
  readonly client: HttpClient;
  readonly waiting: Waiting;
  readonly firstDelayMs: number;
  onFailure(failure: FailedTry): void;
  onAnswer(): void;
}

/** Where the rows of a run go; the server's answer names it. */
export interface RunPlace {
  readonly entity: string;
  readonly project: string;
  readonly run: string;
}

export interface RunFields {
  readonly name: string;
  readonly project: string;
  readonly entity: string | null;
  readonly config: string;
  readonly displayName?: string | null;
  readonly groupName?: string | null;
  readonly jobType?: string | null;
  readonly notes?: string | null;
  readonly tags?: readonly string[] | null;
  readonly commit?: string | null;
  readonly repo?: string | null;
}

/** What the server has of a run. */
export interface ServerCounts {
  readonly history: number;
  readonly events: number;
  readonly output: number;
  /** `_step` of the last row, where the server says it. */
  readonly lastStep: number | null;
}

export interface StreamAnswer {
  /** Somebody pressed Stop on the run's page. */
  readonly stopped: boolean;
}

/** The requests of W&B's protocol that an upload makes; each is sent until it is answered. */
export class WandbApi {
  readonly #server: WandbServer;

  constructor(server: WandbServer) {
    this.#server = server;
  }

  /** Null where the server has no such run, or one that never began. */
  async resumeStatus(run: RunFields, signal: AbortSignal): Promise<ServerCounts | null> {
    const { name, project, entity } = run;
    const data = await this.query("RunResumeStatus", RUN_RESUME_STATUS, { project, entity, name }, signal);
    const bucket = at(data, "model", "bucket");
    if (!isObject(bucket)) return null;
    return {
      history: count(bucket["historyLineCount"]),
      events: count(bucket["eventsLineCount"]),
      output: count(bucket["logLineCount"]),
      lastStep: lastStepOf(bucket["historyTail"]),
    };
  }

  async upsertRun(
    run: RunFields,
    signal: AbortSignal,
  ): Promise<RunPlace & { readonly displayName: string | null }> {
    const variables = { ...UNSET_RUN, ...run };
    const data = await this.query("UpsertBucket", UPSERT_BUCKET, variables, signal, [CONFLICT]);
    const bucket = at(data, "upsertBucket", "bucket");
    const project = at(bucket, "project", "name") ?? run.project;
    const entity = at(bucket, "project", "entity", "name") ?? run.entity;
    if (typeof entity !== "string" || typeof project !== "string") {
      throw answerInvalid(`${this.#server.baseUrl}/graphql`, "names no entity");
    }
    const name = at(bucket, "name");
    const displayName = at(bucket, "displayName");
    return {
      entity,
      project,
      run: typeof name === "string" ? name : run.name,
      displayName: typeof displayName === "string" ? displayName : null,
    };
  }

  /** Where each file is to be put; a file that the server does not want is absent. */
  async createRunFiles(
    { entity, project, run }: RunPlace,
    files: readonly string[],
    signal: AbortSignal,
  ): Promise<{
    readonly urls: ReadonlyMap<string, string>;
    readonly headers: { readonly [name: string]: string };
  }> {
    const variables = { entity, project, run, files };
    const data = await this.query("CreateRunFiles", CREATE_RUN_FILES, variables, signal);
    const answer = at(data, "createRunFiles");
    const urls = new Map<string, string>();
    const listed = at(answer, "files");
    for (const file of Array.isArray(listed) ? listed : []) {
      const [name, url] = [at(file, "name"), at(file, "uploadUrl")];
      if (typeof name === "string" && typeof url === "string") {
        urls.set(name, this.urlOf(url));
      }
    }
    return { urls, headers: headersOf(at(answer, "uploadHeaders")) };
  }

  /** An address that the server gave; self-hosted ones of old leave their own part out. */
  urlOf(address: string): string {
    return new URL(address, `${this.#server.baseUrl}/`).href;
  }

  /** Puts the bytes where the server said; the key does not go there. */
  async putFile(
    url: string,
    bytes: Uint8Array,
    headers: { readonly [name: string]: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { userAgent } = this.#server;
    const timeoutMs = PUT_MS + Math.ceil(bytes.length / PUT_BYTES_PER_MS);
    await this.#send(
      { method: "PUT", url, headers: { "user-agent": userAgent, ...headers }, body: bytes, timeoutMs },
      signal,
    );
  }

  async stream({ entity, project, run }: RunPlace, body: object, signal: AbortSignal): Promise<StreamAnswer> {
    const path = [entity, project, run].map(encodeURIComponent).join("/");
    const url = `${this.#server.baseUrl}/files/${path}/file_stream`;
    const answer = await this.#send(
      { method: "POST", url, headers: this.#headers(), body: JSON.stringify(body), timeoutMs: STREAM_MS },
      signal,
    );
    // Whatever a server of today answers beside its status, the lines have arrived.
    return { stopped: at(jsonOf(answer.body), "stopped") === true };
  }

  /** The `data` of an answer. Throws WANDB_REFUSED. */
  async query(
    operationName: string,
    query: string,
    variables: object,
    signal: AbortSignal,
    alsoRetried: readonly number[] = [],
  ): Promise<unknown> {
    const url = `${this.#server.baseUrl}/graphql`;
    const body = JSON.stringify({ operationName, query, variables });
    const request = { method: "POST", url, headers: this.#headers(), body, timeoutMs: QUERY_MS } as const;
    const answer = jsonOf((await this.#send(request, signal, alsoRetried)).body);
    const errors = at(answer, "errors");
    if (Array.isArray(errors) && errors.length > 0) {
      throw serverSaysNo(operationName, String(at(errors[0], "message") ?? "no reason given"));
    }
    const data = at(answer, "data");
    if (!isObject(data)) throw answerInvalid(url, "is no answer to a GraphQL query");
    return data;
  }

  async #send(
    request: Parameters<typeof sendWithRetries>[1],
    signal: AbortSignal,
    alsoRetried: readonly number[] = [],
  ) {
    const { client, waiting, firstDelayMs, onFailure, onAnswer } = this.#server;
    const answer = await sendWithRetries(client, request, {
      ...{ signal, waiting, firstDelayMs, alsoRetried, onFailure },
    });
    onAnswer();
    return answer;
  }

  #headers(): { [name: string]: string } {
    const { key, userAgent } = this.#server;
    return {
      authorization: `Basic ${Buffer.from(`api:${key}`).toString("base64")}`,
      "content-type": "application/json",
      "user-agent": userAgent,
    };
  }
}

/** The official client sends what is not set as null. */
const UNSET_RUN = {
  ...{
    id: null,
    groupName: null,
    description: null,
    displayName: null,
    notes: null,
    commit: null,
    host: null,
  },
  ...{ debug: null, program: null, repo: null, jobType: null, state: null, sweep: null, tags: null },
  summaryMetrics: null,
};

/** `["Name:value"]` as an object. */
export function headersOf(listed: unknown): { [name: string]: string } {
  const headers: { [name: string]: string } = {};
  for (const entry of Array.isArray(listed) ? listed : []) {
    const colon = String(entry).indexOf(":");
    if (colon > 0)
      headers[String(entry).slice(0, colon)] = String(entry)
        .slice(colon + 1)
        .trim();
  }
  return headers;
}

/** The tail is a JSON text of a list of JSON texts. */
function lastStepOf(tail: unknown): number | null {
  const rows = typeof tail === "string" ? jsonOf(Buffer.from(tail)) : null;
  const last: unknown = Array.isArray(rows) ? rows.at(-1) : null;
  const step = typeof last === "string" ? /"_step":\s*(\d+)/.exec(last)?.[1] : undefined;
  return step === undefined ? null : Number(step);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
}

/** A member of nested objects; undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const part of path) current = isObject(current) ? current[part] : undefined;
  return current;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function count(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.floor(value) : 0;
}
