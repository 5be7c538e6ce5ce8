import { queryInvalid } from "./errors.js";

export interface Token {
  readonly kind: "number" | "text" | "name" | "symbol" | "end";
  /** As typed; of a text what stands between the quotes, unescaped. */
  readonly text: string;
  /** In the query. */
  readonly offset: number;
}

const SPACE = /\s*/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_-]*)*/uy;
const SYMBOL = /==|!=|<=|>=|!~|&&|\|\||[<>~()+\-*/,![\]=]/y;

/** Splits a query; the last token is the end. Throws QUERY_INVALID. */
export function tokensOf(query: string): readonly Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = offset;
    return pattern.exec(query)?.[0] ?? null;
  };
  for (;;) {
    offset += take(SPACE)!.length;
    if (offset >= query.length) break;
    const quote = query[offset]!;
    if (quote === '"' || quote === "'") {
      const { text, end } = readText(query, offset);
      tokens.push({ kind: "text", text, offset });
      offset = end;
      continue;
    }
    const number = take(NUMBER);
    const text = number ?? take(NAME) ?? take(SYMBOL);
    if (text === null) throw queryInvalid(query, offset, `'${quote}' has no meaning in a query`);
    const kind = number !== null ? "number" : /[\p{L}_]/u.test(quote) ? "name" : "symbol";
    tokens.push({ kind, text, offset });
    offset += text.length;
  }
  tokens.push({ kind: "end", text: "", offset: query.length });
  return tokens;
}

function readText(query: string, start: number): { text: string; end: number } {
  const quote = query[start]!;
  let text = "";
  for (let at = start + 1; at < query.length; at++) {
    const letter = query[at]!;
    if (letter === quote) return { text, end: at + 1 };
    if (letter === "\\" && at + 1 < query.length) {
      at += 1;
      text += query[at]!;
    } else text += letter;
  }
  throw queryInvalid(query, start, "this text has no closing quote", `Write ${quote} where it ends.`);
}
