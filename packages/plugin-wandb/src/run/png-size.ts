import { notAPng } from "../format/errors.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** IHDR is the first chunk: width and height stand at fixed offsets. */
const WIDTH_OFFSET = 16;
const HEIGHT_OFFSET = 20;

/** Width and height of a PNG file in pixels. Throws WANDB_NOT_A_PNG. */
export function pngSize(bytes: Uint8Array): readonly [width: number, height: number] {
  if (bytes.length < HEIGHT_OFFSET + 4) throw notAPng(`it has ${bytes.length} bytes`);
  if (SIGNATURE.some((byte, index) => bytes[index] !== byte)) throw notAPng("the signature is missing");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = view.getUint32(WIDTH_OFFSET);
  const height = view.getUint32(HEIGHT_OFFSET);
  if (width === 0 || height === 0) throw notAPng(`it is ${width} by ${height} pixels`);
  return [width, height];
}
