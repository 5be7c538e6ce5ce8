import type { Numeric } from "../scalar/arithmetic.js";
import { formatScalar } from "../scalar/values.js";
import { valueNotWritable } from "./errors.js";
import { escapeSpecial, quote } from "./quoting.js";
import { DictValue, type Element, GlobSweep, isTaggedSweep, QuotedString } from "./value.js";

/**
 * A value in override syntax; reading it returns an equal value. `spaced` puts a blank after `,` and `:`.
 * @throws EpiscopeError OVERRIDE_VALUE_NOT_WRITABLE for a sweep: it stands for many values.
 */
export function writeValue(value: Element, options: { readonly spaced?: boolean } = {}): string {
  const spaced = options.spaced ?? false;
  const comma = spaced ? ", " : ",";
  const colon = spaced ? ": " : ":";
  if (value === null) return "null";
  if (value instanceof QuotedString) return quote(value);
  if (typeof value === "string") return escapeSpecial(value);
  if (Array.isArray(value)) {
    return `[${(value as readonly Element[]).map((item) => writeValue(item, options)).join(comma)}]`;
  }
  if (value instanceof DictValue) {
    const items = value.entries.map(
      ([key, item]) => `${writeValue(key)}${colon}${writeValue(item, options)}`,
    );
    return `{${items.join(comma)}}`;
  }
  if (value instanceof GlobSweep) {
    const lists = [value.include, value.exclude].map((list) => writeValue(list));
    return `{include:${lists[0]},exclude:${lists[1]}}`;
  }
  const item = value as Numeric | Exclude<Element, Numeric>;
  if (isTaggedSweep(item)) throw valueNotWritable(`${item.kind} sweep`);
  // Written as Python writes it (True, 1e-05): a job's overrides are the same text in both.
  return formatScalar(item as Numeric);
}
