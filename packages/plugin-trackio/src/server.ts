import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import { answerInvalid, findKey, RequestRefused, type Sending } from "@episcope/tracker";
import { mediaFolder, type TrackioRow } from "./rows.js";

export type Environment = { readonly [name: string]: string | undefined };

/** A server and the token that lets a client write to it. */
export interface TrackioServer {
  /** Without a slash at the end, and without a query. */
  readonly origin: string;
  readonly token: string;
}

/** Null where no server is named, or none that there is a token for. */
export function findServer(
  server: string | null,
  env: Environment,
  fs: Pick<FileSystem, "readFileSync">,
): TrackioServer | null {
  const given = server ?? env["TRACKIO_SERVER_URL"];
  if (!given || !URL.canParse(given)) return null;
  const url = new URL(given);
  // `trackio show` prints an address with the token in it.
  const inUrl = url.searchParams.get("write_token");
  url.search = "";
  const origin = url.href.replace(/\/+$/, "");
  const places = {
    variable: "TRACKIO_WRITE_TOKEN",
    fileVariable: "TRACKIO_WRITE_TOKEN_FILE",
    server: origin,
  };
  const token = inUrl ?? findKey({ env, fs, ...places });
  return token === null ? null : { origin, token };
}

export interface TrackioRun {
  readonly project: string;
  readonly name: string;
  /** The same whenever the run is sent. */
  readonly id: string;
  readonly runDir: string;
}

/** A file whose place at the server was lost with an answer is brought again. */
const UPLOADS = 3;

/** Sends rows: first the pictures' files, then all rows in one request; a row that is there already is passed over by its id. */
export async function sendRows(
  rows: readonly TrackioRow[],
  { first, request }: Sending,
  { server, run, fs }: { readonly server: TrackioServer; readonly run: TrackioRun; readonly fs: FileSystem },
): Promise<void> {
  const { project, name, id } = run;
  const headers = { "x-trackio-write-token": server.token };
  const call = (api: string, kwargs: object): Promise<unknown> =>
    request({
      ...{ method: "POST", url: `${server.origin}/api/${api}` },
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ args: [], kwargs: { ...kwargs, hf_token: null } }),
    });

  async function bring(row: Extract<TrackioRow, { kind: "picture" }>): Promise<void> {
    const bytes = fs.readFileSync(join(mediaFolder(run.runDir), row.file));
    for (let attempt = 1; ; attempt += 1) {
      const { body, type } = multipart(row.file, bytes);
      const url = `${server.origin}/api/upload`;
      const answer = await request({
        method: "POST",
        url,
        headers: { ...headers, "content-type": type },
        body,
      });
      const file = {
        path: pathIn(answer.body, url),
        orig_name: row.file,
        meta: { _type: "gradio.FileData" },
      };
      const place = { project, run: name, run_id: id, step: row.step, relative_path: null };
      try {
        await call("bulk_upload_media", { uploads: [{ ...place, uploaded_file: file }] });
        return;
      } catch (error) {
        if (!(error instanceof RequestRefused) || attempt === UPLOADS) throw error;
      }
    }
  }

  for (const row of rows) if (row.kind === "picture") await bring(row);
  const logs = rows.map((row, index) => ({
    ...{ project, run: name, run_id: id, step: row.step, log_id: `${id}:${first + index}` },
    metrics: row.kind === "picture" ? { [row.key]: pictureValue(row, run) } : row.metrics,
    config: row.kind === "config" ? row.config : null,
  }));
  await call("bulk_log", { logs });
}

function pictureValue(
  { step, file, caption }: Extract<TrackioRow, { kind: "picture" }>,
  { project, name }: TrackioRun,
): object {
  return { _type: "trackio.image", file_path: `${project}/${name}/${step}/${file}`, caption };
}

function multipart(name: string, bytes: Uint8Array): { readonly body: Uint8Array; readonly type: string } {
  const boundary = `episcope-${randomUUID()}`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\nContent-Type: image/png\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { body, type: `multipart/form-data; boundary=${boundary}` };
}

function pathIn(body: Uint8Array, url: string): string {
  let path: unknown;
  try {
    path = (JSON.parse(Buffer.from(body).toString("utf8")) as { readonly paths?: readonly unknown[] })
      .paths?.[0];
  } catch {
    path = undefined;
  }
  if (typeof path !== "string") throw answerInvalid(url, "names no uploaded file");
  return path;
}
