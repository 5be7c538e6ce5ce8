import { EpiscopeError } from "@episcope/errors";

export function editRefused(problem: string): EpiscopeError {
  return new EpiscopeError("EDIT_REFUSED", `The file is not changed: ${problem}.`, {
    hint: "Change it by hand, or set the whole mapping.",
  });
}

export function keyNotThere(key: string): EpiscopeError {
  return new EpiscopeError("EDIT_KEY_MISSING", `The file has no '${key}'.`, { fields: { key } });
}

/** @param problem What the YAML package says; its advice to programmers is left out. */
export function textUnreadable(problem: { readonly code: string; readonly message: string }): EpiscopeError {
  const said = problem.code === "MULTIPLE_DOCS" ? "it holds several documents" : problem.message.trim();
  return editRefused(`the text cannot be read: ${said.replace(/[.\s^]+$/, "")}`);
}
