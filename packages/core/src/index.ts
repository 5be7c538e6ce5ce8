export { EpiscopeError } from "@episcope/config";
export * from "./pipeline/plugin.js";
export * from "./pipeline/roles.js";
export * from "./records.js";
