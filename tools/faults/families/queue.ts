import type { Row } from "../row.js";

export const QUEUE_ROWS: readonly Row[] = [];
