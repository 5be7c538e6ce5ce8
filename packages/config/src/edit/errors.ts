import { EpiscopeError } from "@episcope/errors";

export function editRefused(problem: string): EpiscopeError {
  return new EpiscopeError("EDIT_REFUSED", `The file is not changed: ${problem}.`, {
    hint: "Change it by hand, or set the whole mapping.",
  });
}

export function keyNotThere(key: string): EpiscopeError {
  return new EpiscopeError("EDIT_KEY_MISSING", `The file has no '${key}'.`, { fields: { key } });
}
