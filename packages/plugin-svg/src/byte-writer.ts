/** Runs of cells, chained by colour. */
interface RunChain {
  /** x + 256 * y + 65536 * length of each run. */
  readonly places: Int32Array;
  /** The next run of the same colour, -1 at the end. */
  readonly next: Int16Array;
}

const UTF8 = new TextEncoder();
const ASCII = new TextDecoder();

/** Writes text and numbers as UTF-8 into one buffer that grows and is used again for the next picture. */
export class ByteWriter {
  #bytes = new Uint8Array(1 << 15);
  #length = 0;

  reset(): void {
    this.#length = 0;
  }

  /** How much was written. */
  get length(): number {
    return this.#length;
  }

  /** What was written from a place on, as text of ASCII; it is taken back. */
  cut(from: number): string {
    const text = ASCII.decode(this.#bytes.subarray(from, this.#length));
    this.#length = from;
    return text;
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Markup of our own: ASCII only. */
  ascii(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < length; index++) bytes[at++] = text.charCodeAt(index);
    this.#length = at;
  }

  /** A byte of ASCII. */
  byte(code: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = code;
  }

  /** An integer of 0..9999, or any other number in its shortest form with at most two decimals. */
  number(value: number): void {
    if (value >= 0 && value < 10_000 && Number.isInteger(value)) this.#small(value);
    else this.ascii(String(Math.round(value * 100) / 100));
  }

  /** Text that is no markup, with the five characters of XML escaped. It must be clean already. */
  escaped(text: string): void {
    this.#reserve(text.length * 6);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      const entity = code < 0x40 ? ENTITIES[code] : undefined;
      if (code >= 0x80) {
        this.#length = at;
        this.#encoded(text.slice(index));
        return;
      }
      if (entity === undefined) bytes[at++] = code;
      else for (let place = 0; place < entity.length; place++) bytes[at++] = entity.charCodeAt(place);
    }
    this.#length = at;
  }

  /** Runs of a chain as "Mx yhN", from `run` on; at most `count` of them, all numbers 0..99. */
  runs(chain: RunChain, run: number, count: number): void {
    this.#reserve(count * 9);
    const bytes = this.#bytes;
    const { places, next } = chain;
    let at = this.#length;
    for (let current = run; current >= 0; current = next[current] as number) {
      const place = places[current] as number;
      const x = place & 0xff;
      const y = (place >> 8) & 0xff;
      const length = place >> 16;
      bytes[at++] = 77;
      if (x > 9) bytes[at++] = 48 + ((x * 205) >> 11);
      bytes[at++] = 48 + UNITS[x]!;
      bytes[at++] = 32;
      if (y > 9) bytes[at++] = 48 + ((y * 205) >> 11);
      bytes[at++] = 48 + UNITS[y]!;
      bytes[at++] = 104;
      if (length > 9) bytes[at++] = 48 + ((length * 205) >> 11);
      bytes[at++] = 48 + UNITS[length]!;
    }
    this.#length = at;
  }

  #small(value: number): void {
    this.#reserve(4);
    const bytes = this.#bytes;
    if (value > 999) bytes[this.#length++] = 48 + Math.floor(value / 1000);
    if (value > 99) bytes[this.#length++] = 48 + (Math.floor(value / 100) % 10);
    if (value > 9) bytes[this.#length++] = 48 + (Math.floor(value / 10) % 10);
    bytes[this.#length++] = 48 + (value % 10);
  }

  #encoded(text: string): void {
    const escaped = text.replace(/[&<>"']/g, (character) => ENTITIES[character.charCodeAt(0)] as string);
    this.#reserve(escaped.length * 3);
    this.#length += UTF8.encodeInto(escaped, this.#bytes.subarray(this.#length)).written;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    let size = this.#bytes.length * 2;
    while (size < this.#length + count) size *= 2;
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}

const ENTITIES: readonly (string | undefined)[] = Array.from(
  { length: 0x40 },
  (_, code) => ({ 34: "&quot;", 38: "&amp;", 39: "&#39;", 60: "&lt;", 62: "&gt;" })[code],
);

/** Last digit of 0..99; the first is 205 / 2048 of the number, rounded down. */
const UNITS = Uint8Array.from({ length: 100 }, (_, number) => number % 10);
