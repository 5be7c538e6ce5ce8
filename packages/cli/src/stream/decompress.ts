import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { formatUnreadable } from "../terminal/errors.js";

/** How files begin that are neither NDJSON nor MessagePack, but might be taken for one. */
const OTHERS: readonly (readonly [bytes: readonly number[], name: string, mend: string])[] = [
  [
    [0x28, 0xb5, 0x2f, 0xfd],
    "compressed with zstd",
    "Decompress it: zstd -dc FILE | episcope record input=-",
  ],
  [[0xfd, 0x37, 0x7a, 0x58], "compressed with xz", "Decompress it: xz -dc FILE | episcope record input=-"],
  [[0x42, 0x5a, 0x68], "compressed with bzip2", "Decompress it: bzip2 -dc FILE | episcope record input=-"],
  [[0x50, 0x4b, 0x03, 0x04], "a zip archive", "Unpack it, and record the file that is in it."],
  [[0xff, 0xfe], "text in UTF-16", "Write it in UTF-8, as every JSON is."],
  [[0xfe, 0xff], "text in UTF-16", "Write it in UTF-8, as every JSON is."],
  [[0x89, 0x48, 0x44, 0x46], "an HDF5 file", "Only record streams can be recorded."],
];

/**
 * The bytes of a stream, decompressed where they begin as gzip does. Throws CLI_FORMAT_UNREADABLE for a format that can
 * be told by its first bytes and cannot be read; a gzip stream that is cut or damaged throws when that place is reached.
 */
export function decompressed(head: Uint8Array, whole: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for (const [bytes, name, mend] of OTHERS) {
    if (bytes.every((byte, index) => head[index] === byte)) throw formatUnreadable(name, mend);
  }
  if (!isGzip(head)) return whole;
  const source = Readable.from(whole, { objectMode: false });
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  return source.pipe(gunzip) as AsyncIterable<Uint8Array>;
}

/** Whether bytes begin as gzip with the one method that there is. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 0x08;
}
