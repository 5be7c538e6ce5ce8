export { EpiscopeError, type EpiscopeErrorOptions, type ErrorFields } from "./errors.js";
