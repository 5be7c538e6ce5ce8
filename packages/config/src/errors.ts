// The classes of errors that this package throws. All derive from `EpiscopeError` and are told apart by their `code`.
export { EpiscopeError } from "@episcope/errors";
export { CompositionError, CompositionProblems, MissingConfigError } from "./defaults/errors.js";
export { pythonClass } from "./hydra/python-classes.js";
export { OverrideParseError } from "./override/errors.js";
export { ConfigError, InterpolationError } from "./tree/errors.js";
export { YamlError } from "./yaml/errors.js";
