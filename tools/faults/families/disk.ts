import type { Row } from "../row.js";

export const DISK_ROWS: readonly Row[] = [];
