import { EpiscopeError, type EpiscopeErrorOptions } from "@episcope/errors";

/** The place of a character; line and column count from 1. */
export interface YamlPosition {
  readonly line: number;
  readonly column: number;
}

/** A text that is not YAML as OmegaConf reads it. `fields` hold file, line, column and a code `frame`. */
export class YamlError extends EpiscopeError {}

/** What every error of the reader needs to point at its place. */
export interface YamlContext {
  readonly text: string;
  readonly file: string | undefined;
  /** Whether the text is read as libyaml reads it, and not as PyYAML's own reader. */
  readonly libyaml?: boolean;
}

const LINE_BREAK = /[\n\r\x85\u2028\u2029]/;

function isBreakAt(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === 10 || c === 13 || c === 0x85 || c === 0x2028 || c === 0x2029;
}

/** Line and column of the character at `offset`; columns count code points, as editors do. */
export function positionAt(text: string, offset: number): YamlPosition {
  let line = 1;
  let start = 0;
  const end = Math.min(offset, text.length);
  for (let at = 0; at < end; at++) {
    if (!isBreakAt(text, at)) continue;
    if (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10) {
      if (at + 1 >= end) break;
      at += 1;
    }
    line += 1;
    start = at + 1;
  }
  return { line, column: [...text.slice(start, end)].length + 1 };
}

/** The line that holds `offset` with a caret below the character, as shown in messages. */
function codeFrame(text: string, offset: number, position: YamlPosition = positionAt(text, offset)): string {
  let start = Math.min(offset, text.length);
  while (start > 0 && !isBreakAt(text, start - 1)) start -= 1;
  const content = text.slice(start, start + 4000).split(LINE_BREAK, 1)[0]!;
  const shown = content.length > 160 ? `${content.slice(0, 160)}…` : content;
  const number = String(position.line);
  return `${number} | ${shown}\n${" ".repeat(number.length)} | ${" ".repeat(Math.min(position.column - 1, 160))}^`;
}

function yamlError(
  code: string,
  context: YamlContext,
  offset: number,
  problem: string,
  options: EpiscopeErrorOptions = {},
): YamlError {
  const position = positionAt(context.text, offset);
  const { line, column } = position;
  const frame = codeFrame(context.text, offset, position);
  const place = `${context.file ?? "<yaml>"}:${line}:${column}`;
  return new YamlError(code, `${place}: ${problem}\n${frame}`, {
    ...options,
    fields: {
      ...(context.file === undefined ? {} : { file: context.file }),
      line,
      column,
      problem,
      frame,
      ...options.fields,
    },
  });
}

/** A character that no YAML text may hold, such as NUL. */
export function unacceptableCharacter(context: YamlContext, offset: number): YamlError {
  const code = (context.text.codePointAt(offset) ?? 0).toString(16).padStart(4, "0");
  return yamlError("YAML_CHARACTER", context, offset, `unacceptable character #x${code}`, {
    hint: "Remove it, or write it as an escape in double quotes.",
  });
}

/** A character or indicator that is not possible at its place. */
export function invalidToken(context: YamlContext, offset: number, problem: string): YamlError {
  return yamlError("YAML_TOKEN", context, offset, problem, {
    hint: "Quote the value if it is meant as text; indent with spaces, not tabs.",
  });
}

/** Tokens in an order that makes no document: wrong indentation, an unclosed bracket. */
export function invalidStructure(context: YamlContext, offset: number, problem: string): YamlError {
  return yamlError("YAML_STRUCTURE", context, offset, problem, {
    hint: "Check the indentation and the closing brackets above this place.",
  });
}

/** An alias without anchor, an anchor given twice, a second document. */
export function invalidReference(context: YamlContext, offset: number, problem: string): YamlError {
  return yamlError("YAML_REFERENCE", context, offset, problem);
}

/** A tag that nobody knows, or content that its tag does not allow. */
export function invalidContent(context: YamlContext, offset: number, problem: string): YamlError {
  return yamlError("YAML_CONTENT", context, offset, problem);
}

/** The same key twice in one mapping. */
export function duplicateKey(context: YamlContext, offset: number, key: string): YamlError {
  return yamlError("YAML_DUPLICATE_KEY", context, offset, `found duplicate key ${key}`, {
    hint: "Keep one of the two.",
    fields: { key },
  });
}

/** A scalar whose explicit tag asks for a value that its text is not. */
export function invalidScalar(context: YamlContext, offset: number, problem: string): YamlError {
  return yamlError("YAML_SCALAR", context, offset, problem);
}

/** A container that contains itself through an alias. */
export function recursiveAlias(context: YamlContext, offset: number, anchor: string): YamlError {
  return yamlError("YAML_RECURSIVE_ALIAS", context, offset, `alias '${anchor}' is inside its own anchor`);
}

/** The text passes a limit: size, depth, or nodes after the expansion of aliases. */
export function yamlLimit(
  context: YamlContext,
  offset: number,
  limit: "size" | "depth" | "nodes" | "aliases",
  allowed: number,
  problem: string,
): YamlError {
  return yamlError("YAML_LIMIT", context, offset, problem, {
    hint: "Split the file, or raise the limit where the program calls the reader.",
    fields: { limit, allowed },
  });
}

/** What OmegaConf 2.4 refuses of aliases. */
export function aliasesRefused(context: YamlContext, offset: number, problem: string): YamlError {
  return yamlError("YAML_ALIASES", context, offset, problem, {
    hint: "Write the values out where they are used.",
  });
}

/** A key that could reach an object's prototype in a careless consumer. */
export function forbiddenYamlKey(context: YamlContext, offset: number, key: string): YamlError {
  return yamlError("FORBIDDEN_KEY", context, offset, `the key '${key}' is not allowed in a config`, {
    hint: "Choose another name.",
    fields: { key },
  });
}
