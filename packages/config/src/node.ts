// What composing needs of Node.js: folders as config sources.
export { loadConfig, saveConfig } from "./node/config-file.js";
export { type FileSourceOptions, type FileSystem, fileSource } from "./node/file-source.js";
export { type OpenSourceOptions, openSourceIn } from "./node/open-source.js";
export { type SecretResolverOptions, secretResolver } from "./node/secret-resolver.js";
