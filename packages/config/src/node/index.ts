export { type FileSourceOptions, type FileSystem, fileSource } from "./file-source.js";
export { type OpenSourceOptions, openSourceIn } from "./open-source.js";
