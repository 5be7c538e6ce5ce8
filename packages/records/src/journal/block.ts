import { deflateRawSync, inflateRawSync } from "node:zlib";
import { ByteReader } from "../coding/byte-reader.js";
import { ByteWriter } from "../coding/byte-writer.js";
import { contentInvalid } from "../coding/errors.js";
import { BODY, MAX_FRAME_BYTES, METHOD } from "../coding/layout.js";
import { encodeFrame } from "../disk/frames.js";

const LEVEL = 6;
/** Largest piece that is made room for because a block says so. */
const MAX_CHUNK_BYTES = 2 ** 20;

/** A frame of `contentBody`. */
export function encodeContent(type: number, content: Uint8Array, compress: boolean): Uint8Array {
  return encodeFrame(contentBody(type, content, compress));
}

/** Type, method (u8), length of the content (varint), and the content, deflated or stored. */
export function contentBody(type: number, content: Uint8Array, compress: boolean): Uint8Array {
  const deflated = compress ? deflateRawSync(content, { level: LEVEL, memLevel: 9 }) : null;
  const payload = deflated !== null && deflated.length < content.length ? deflated : content;
  const body = new ByteWriter(payload.length + 16);
  body.u8(type);
  body.u8(payload === content ? METHOD.stored : METHOD.deflate);
  body.varint(content.length);
  body.raw(payload);
  return body.written();
}

/** The content of a block's or the details' body. Throws JOURNAL_CONTENT_INVALID. */
export function decodeContent(body: Uint8Array): Uint8Array {
  const input = new ByteReader(body);
  const type = input.u8();
  if (type !== BODY.block && type !== BODY.indexDetails)
    throw contentInvalid(`there is no block type ${type}`);
  const method = input.u8();
  const length = input.varint();
  if (length > MAX_FRAME_BYTES) throw contentInvalid("a block is too large");
  const payload = input.raw(input.remaining);
  let content = payload;
  if (method === METHOD.deflate) {
    try {
      // One piece with a byte to spare: zlib is called once and nothing is joined.
      const chunkSize = Math.min(Math.max(64, length + 1), MAX_CHUNK_BYTES);
      content = inflateRawSync(payload, { maxOutputLength: Math.max(1, length), chunkSize });
    } catch (cause) {
      throw contentInvalid("a block cannot be inflated", cause);
    }
  } else if (method !== METHOD.stored) throw contentInvalid(`there is no method ${method} of a block`);
  if (content.length !== length) throw contentInvalid("a block has another length than it says");
  return content;
}
