import { EpiscopeError } from "@episcope/errors";

/** A pickle does something that none of ours does, or ends too early. */
export function pickleRefused(offset: number, problem: string): EpiscopeError {
  return new EpiscopeError("PICKLE_REFUSED", `byte ${offset} of the pickle: ${problem}`, {
    hint: "Only what log_format=pickle writes is read: a pickle from elsewhere could run code.",
    fields: { offset },
  });
}
