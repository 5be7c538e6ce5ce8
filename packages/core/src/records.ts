/**
 * Records and what is computed from them, without any `node:` module: all that drawing, analysis and the
 * viewer import of core.
 */
export * from "./episode/grid.js";
export * from "./episode/record.js";
export * from "./episode/view.js";
