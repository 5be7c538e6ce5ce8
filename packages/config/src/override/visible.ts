/** Characters that a terminal does not show, or acts on: controls, blanks without width, marks of direction. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text for people: every invisible character as `\xNN` or `\uNNNN`. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, escaped);
}

/** How a character is named in a sentence. */
export function characterName(char: string): string {
  switch (char) {
    case "\r":
      return "the carriage return (a script with Windows line ends?)";
    case "\n":
      return "the line break";
    case "\x1b":
      return "the escape character";
    default:
      return char.search(INVISIBLE) === 0 ? `the invisible character ${escaped(char)}` : `'${char}'`;
  }
}

function escaped(char: string): string {
  if (char === "\n") return "\\n";
  if (char === "\r") return "\\r";
  if (char === "\t") return "\\t";
  const code = char.codePointAt(0)!;
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
