/**
 * `upload-state.json` in a W&B run directory: what the server has confirmed. Line i of the log's rows (events, console lines)
 * is always line i at the server, so sending again is harmless, and a state that is lost is asked from the server.
 */
export interface UploadState {
  readonly format: 1;
  readonly baseUrl: string;
  readonly run: string;
  /** Lines that the server has. */
  history: number;
  events: number;
  output: number;
  /** Files named by the log that were put there, or given up, in the order of the log. */
  files: number;
  /** Those of them that the stream has told the server of. */
  announced: number;
  /** Artifacts named by the log that are there, or were given up. Absent in states of before there were any. */
  artifacts?: number;
  /** Files that the server refused, or that were not on the disk. */
  readonly missing: string[];
  complete: boolean;
}

export const UPLOAD_STATE_FILE = "upload-state.json";

export function emptyState(about: Pick<UploadState, "baseUrl" | "run">): UploadState {
  return {
    ...{ format: 1, ...about, history: 0, events: 0, output: 0, files: 0, announced: 0 },
    ...{ missing: [], complete: false },
  };
}
