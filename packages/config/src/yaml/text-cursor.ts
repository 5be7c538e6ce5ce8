import { CR, isBlankOrEnd, isBreak, isBreakOrEnd, LF, LS, PS, SPACE, shown, TAB } from "./characters.js";
import { invalidToken, type YamlContext } from "./errors.js";

/** A position in a text, with the line that it is in. */
export abstract class TextCursor {
  readonly context: YamlContext;
  /** The text with a NUL at its end, so that looking one character ahead needs no check. */
  protected readonly text: string;
  protected pos = 0;
  protected line = 0;
  protected lineStart = 0;

  constructor(context: YamlContext) {
    this.context = context;
    this.text = `${context.text}\0`;
  }

  protected get column(): number {
    return this.pos - this.lineStart;
  }

  protected fail(offset: number, problem: string): never {
    throw invalidToken(this.context, offset, problem);
  }

  protected atDocumentMark(mark: "---" | "..."): boolean {
    return this.text.startsWith(mark, this.pos) && isBlankOrEnd(this.text.charCodeAt(this.pos + 3));
  }

  /** Takes a line break and returns what it means in a scalar; empty where there is none. */
  protected takeBreak(): string {
    const c = this.text.charCodeAt(this.pos);
    if (!isBreak(c)) return "";
    this.pos += c === CR && this.text.charCodeAt(this.pos + 1) === LF ? 2 : 1;
    this.line += 1;
    this.lineStart = this.pos;
    return c === LS ? "\u2028" : c === PS ? "\u2029" : "\n";
  }

  protected skipSpaces(): void {
    while (this.text.charCodeAt(this.pos) === SPACE) this.pos += 1;
  }

  /** Skips what separates words: spaces, and with libyaml tabs. */
  protected skipBlanks(): void {
    if (this.context.libyaml !== true) {
      this.skipSpaces();
      return;
    }
    let c = this.text.charCodeAt(this.pos);
    while (c === SPACE || c === TAB) c = this.text.charCodeAt(++this.pos);
  }

  /** The rest of a line on which only a comment may follow, and its break. */
  protected skipRestOfLine(what: string): void {
    this.skipBlanks();
    if (this.text.charCodeAt(this.pos) === 35) {
      while (!isBreakOrEnd(this.text.charCodeAt(this.pos))) this.pos += 1;
    }
    if (!isBreakOrEnd(this.text.charCodeAt(this.pos))) {
      this.fail(
        this.pos,
        `expected a comment or a line break after ${what}, but found ${shown(this.text, this.pos)}`,
      );
    }
    this.takeBreak();
  }
}
