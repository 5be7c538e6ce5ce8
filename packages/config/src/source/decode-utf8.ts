import { configNotUtf8 } from "./errors.js";

/** The text of a config file; a byte order mark stays. @throws EpiscopeError CONFIG_ENCODING with the offset in bytes. */
export function decodeUtf8(bytes: Uint8Array, label: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const offset = firstBadByte(bytes);
    let line = 1;
    for (let index = 0; index < offset; index++) if (bytes[index] === 0x0a) line++;
    throw configNotUtf8(label, offset, line, bytes[offset] ?? 0);
  }
}

/** Where the longest prefix ends that is UTF-8: the first byte of the sequence that is none. */
function firstBadByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [low, high] = [0, bytes.length];
  // A prefix that cuts a sequence is no error in a stream, so this is monotonic.
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    try {
      decoder.decode(bytes.subarray(0, middle), { stream: true });
      low = middle;
    } catch {
      high = middle - 1;
    }
    // What was pending is dropped, and an error leaves nothing behind.
    try {
      decoder.decode();
    } catch {}
  }
  let start = low;
  while (start > 0 && low - start < 3 && (bytes[start - 1]! & 0xc0) === 0x80) start--;
  const lead = start > 0 ? bytes[start - 1]! : 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return length > low - start + 1 ? start - 1 : low;
}
