import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";

/**
 * Times are doubles that differ little from one record to the next, and so do their bits read as one integer:
 * the difference of these integers is exact for every double and takes two or three bytes. Written as varint of
 * (zigzag difference + 1); 0 says that the eight bytes follow.
 */
const MAX_DIFFERENCE = 2 ** 50;

abstract class TimeBits {
  protected readonly view: DataView = new DataView(new ArrayBuffer(8));
  protected high = 0;
  protected low = 0;

  reset(): void {
    this.high = 0;
    this.low = 0;
  }
}

export class TimeEncoder extends TimeBits {
  readonly #out: ByteWriter;

  constructor(out: ByteWriter) {
    super();
    this.#out = out;
  }

  write(time: number): void {
    this.view.setFloat64(0, time);
    const high = this.view.getUint32(0);
    const low = this.view.getUint32(4);
    const difference = (high - this.high) * 2 ** 32 + (low - this.low);
    this.high = high;
    this.low = low;
    if (Math.abs(difference) < MAX_DIFFERENCE) {
      this.#out.varint((difference >= 0 ? difference * 2 : -difference * 2 - 1) + 1);
    } else {
      this.#out.u8(0);
      this.#out.f64(time);
    }
  }
}

export class TimeDecoder extends TimeBits {
  read(input: ByteReader): number {
    const code = input.varint();
    if (code === 0) {
      const time = input.f64();
      this.view.setFloat64(0, time);
    } else {
      const zigzag = code - 1;
      const sum = this.low + (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
      const carry = Math.floor(sum / 2 ** 32);
      this.view.setUint32(0, this.high + carry);
      this.view.setUint32(4, sum - carry * 2 ** 32);
    }
    this.high = this.view.getUint32(0);
    this.low = this.view.getUint32(4);
    return this.view.getFloat64(0);
  }
}
