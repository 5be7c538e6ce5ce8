// Changes of config files that keep everything else in them: comments, blank lines, the order.
export { commentValues } from "./edit/comment-values.js";
export { commentsOf } from "./edit/comments-of.js";
export { setInText, unsetInText } from "./edit/edit-text.js";
export { type KeyDecision, rewriteKeys } from "./edit/rewrite-keys.js";
