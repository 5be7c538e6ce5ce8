import type { Row } from "../row.js";

export const ATTACK_ROWS: readonly Row[] = [];
