import type { Row } from "../row.js";

export const CONCURRENCY_ROWS: readonly Row[] = [];
