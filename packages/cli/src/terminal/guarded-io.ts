import { printableMessage } from "@episcope/errors";
import type { ProgramIo } from "./io.js";

const HIDDEN = "***";

/**
 * The world of the program with a guard at its door: whatever verb it comes from and whoever's text it quotes, a message
 * holds nothing that could steer a terminal, and no secret.
 */
export function guardedIo(world: ProgramIo): ProgramIo {
  const inMessages = new Map<string, RegExp>();
  const inData = new Map<string, RegExp>();
  const without = (text: string, hidden: ReadonlyMap<string, RegExp>): string => {
    let result = text;
    for (const pattern of hidden.values()) result = result.replaceAll(pattern, HIDDEN);
    return result;
  };
  return {
    ...world,
    message: (text) => world.message(printableMessage(without(text, inMessages))),
    out: (data) => world.out(typeof data === "string" ? without(data, inData) : data),
    hide(text, where) {
      if (text === "") return;
      inMessages.set(text, patternOf(text));
      if (where === "everywhere") inData.set(text, patternOf(text));
    },
  };
}

/** Messages cut long values after at most so many characters. */
const LONGEST_SHOWN = 250;
/** Of a shorter beginning nothing can be told. */
const SHORTEST_SHOWN = 4;

/** Finds a text as it is, and as YAML, JSON and URLs write it: quoted, escaped, on several lines; also its beginning before a "…". */
function patternOf(text: string): RegExp {
  const units = text.match(/[\s\u0085]+|[^\s\u0085]/gu) ?? [];
  const spelled = units.map((unit) => (/[\s\u0085]/.test(unit) ? BREAK : characterPattern(unit)));
  const beginning = spelled
    .slice(SHORTEST_SHOWN, LONGEST_SHOWN)
    .reduceRight((rest, unit) => `(?:${FOLD}${unit}${rest})?`, "");
  return new RegExp(
    `${spelled.join(FOLD)}|${spelled.slice(0, SHORTEST_SHOWN).join(FOLD)}${beginning}(?=…)`,
    "gu",
  );
}

/** Where YAML breaks a long text between quotes. */
const FOLD = String.raw`(?:\\\n *\\?)?`;
/** Blanks of any kind, as they are and escaped. */
const BREAK = String.raw`(?:[\s\u0085]|\\(?:[nrtvfNLP_]|x\w\w|u\w{4})|\\|\+|(?:%\w\w)+)+`;

/** A character as it is, and as YAML, JSON and URLs escape it. */
function characterPattern(character: string): string {
  if (/^\w$/.test(character)) return character;
  const hex = (code: number, size: number): string => code.toString(16).toUpperCase().padStart(size, "0");
  const code = character.codePointAt(0)!;
  const units = [...Array(character.length).keys()].map((index) => character.charCodeAt(index));
  const forms = [
    character,
    `\\${character}`,
    ...eitherCase(`\\x${hex(code, 2)}`),
    ...eitherCase(units.map((unit) => `\\u${hex(unit, 4)}`).join("")),
    ...eitherCase(`\\U${hex(code, 8)}`),
    `%${hex(code, 2)}`,
    ...(isWhole(character) ? [encodeURIComponent(character)] : []),
    ...(character === "'" ? ["''"] : []),
  ];
  const control = code < 0x20 || (code >= 0x7f && code < 0xa0) ? [String.raw`\\[abefv0N]`] : [];
  // The longest first: a doubled quote is one form.
  const longest = forms.toSorted((a, b) => b.length - a.length).map(escaped);
  return `(?:${[...longest, ...control].join("|")})`;
}

function eitherCase(spelled: string): string[] {
  return [spelled, spelled.replace(/[A-F0-9]+/g, (digits) => digits.toLowerCase())];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/gu, "\\$&");
}

/** Half of a pair has no form in a URL. */
function isWhole(character: string): boolean {
  return character.length === 2 || !/[\uD800-\uDFFF]/.test(character);
}
