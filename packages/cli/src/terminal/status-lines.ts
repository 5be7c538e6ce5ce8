/** Cursor to the first column, up by `lines`, and everything below erased (ECMA-48: CUU, ED). */
const upAndErase = (lines: number): string => `\r${lines > 0 ? `\u001b[${lines}A` : ""}\u001b[0J`;

/** A few lines at the bottom of a terminal that are written over in place. */
export class StatusLines {
  readonly #write: (text: string) => void;
  #shown = "";

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  show(text: string): void {
    if (text === this.#shown) return;
    this.#write(this.#erase() + text);
    this.#shown = text;
  }

  /** Writes something else above the lines. */
  around(write: () => void): void {
    const text = this.#shown;
    if (text !== "") this.show("");
    write();
    if (text !== "") this.show(text);
  }

  #erase(): string {
    return this.#shown === "" ? "" : upAndErase(this.#shown.split("\n").length - 1);
  }
}
