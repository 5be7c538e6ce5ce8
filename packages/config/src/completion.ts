// Completion for shells, for programs that answer without composing: loads little.
export {
  type CompletionSource,
  completionRequest,
  completionScript,
  completionsOf,
  wordsOf,
} from "./application/completion.js";
