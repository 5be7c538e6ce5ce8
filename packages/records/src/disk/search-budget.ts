/** Bytes that may always be summed. */
const BASE_BYTES = 64 * 2 ** 20;
/** Bytes for each that was passed over. */
const PER_BYTE = 16;

/**
 * How many bytes a search for the next whole frame may run through its checksum. Bytes that look like the heads of long
 * frames, one after the other, would make it quadratic: those that cost more than this are passed over.
 */
export class SearchBudget {
  #left: number = BASE_BYTES;

  /** One byte more was looked at. */
  pass(): void {
    this.#left += PER_BYTE;
  }

  /** False where so many bytes are too many. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}
