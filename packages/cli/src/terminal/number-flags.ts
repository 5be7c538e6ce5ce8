import { flagInvalid } from "./errors.js";

/** A flag's whole number, at least `least`; undefined where the flag was not given. */
export function wholeNumber(flag: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw flagInvalid(flag, text, `a whole number from ${least} on`);
}
