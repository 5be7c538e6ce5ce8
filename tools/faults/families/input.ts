import type { Row } from "../row.js";

export const INPUT_ROWS: readonly Row[] = [];
