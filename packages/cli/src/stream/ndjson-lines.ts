import { isUtf8 } from "node:buffer";

/** A line of the input without its line feed, counted from 1; null where it is longer than the limit. */
interface InputLine {
  readonly number: number;
  readonly text: string | null;
  /** False: U+FFFD stands for bytes that are no UTF-8. */
  readonly isUtf8: boolean;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Cuts bytes into lines. A byte-order mark at the start, carriage returns before line feeds and a last line without a
 * line feed are all right; a line above `maxBytes` is passed over without being kept in memory.
 */
export async function* ndjsonLines(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<InputLine> {
  const decoder = new TextDecoder();
  let pieces: Uint8Array[] = [];
  let pending = 0;
  let number = 1;
  const take = (last: Uint8Array): InputLine => {
    const bytes = pieces.length === 0 ? last : Buffer.concat([...pieces, last]);
    const tooLong = pending + last.length > maxBytes;
    pieces = [];
    pending = 0;
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    if (tooLong) return { number: number++, text: null, isUtf8: true };
    const content = bytes.subarray(0, end);
    return { number: number++, text: decoder.decode(content), isUtf8: isUtf8(content) };
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      yield take(chunk.subarray(start, end));
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    pending += rest.length;
    if (pending <= maxBytes && rest.length > 0) pieces.push(Uint8Array.from(rest));
    else if (pending > maxBytes) pieces = [];
  }
  if (pending > 0) yield take(new Uint8Array(0));
}
