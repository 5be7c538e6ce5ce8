/** A prefix code as deflate writes it: bits of a code are reversed, so that they can be shifted in from below. */
export interface PrefixCode {
  readonly codes: Uint16Array;
  /** 0 = the symbol does not occur. */
  readonly lengths: Uint8Array;
}

/** Symbols of the largest alphabet that codes are built for. */
const MAX_SYMBOLS = 288;

/** Builds codes. Keeps what it works on: a picture needs some twenty codes, and fresh arrays cost more than the work. */
export class PrefixCodeBuilder {
  private readonly order = new Int32Array(MAX_SYMBOLS);
  private readonly weight = new Float64Array(2 * MAX_SYMBOLS);
  private readonly parent = new Int32Array(2 * MAX_SYMBOLS);
  private readonly depth = new Uint8Array(2 * MAX_SYMBOLS);
  private readonly perLength = new Int32Array(16);

  /** The code that fits symbol counts best, no code longer than `limit` bits. */
  build(counts: Int32Array, limit: number): PrefixCode {
    return prefixCode(this.lengths(counts, limit));
  }

  /**
   * Code lengths for symbol counts, none above `limit` bits (deflate: 15, of code lengths 7).
   * One symbol alone gets one bit, as RFC 1951 asks. Ties are broken by the symbol's number, so the same counts
   * give the same code everywhere.
   */
  lengths(counts: Int32Array, limit: number): Uint8Array {
    const { order, weight, parent, depth, perLength } = this;
    const lengths = new Uint8Array(counts.length);
    const leaves = this.sort(counts);
    if (leaves === 0) return lengths;
    if (leaves === 1) {
      lengths[order[0]!] = 1;
      return lengths;
    }
    // Two queues: leaves in order, and inner nodes, which arise in order too.
    for (let i = 0; i < leaves; i++) weight[i] = counts[order[i]!]!;
    let leaf = 0;
    let inner = leaves;
    const root = 2 * leaves - 2;
    for (let node = leaves; node <= root; node++) {
      const first = leaf < leaves && (inner >= node || weight[leaf]! <= weight[inner]!) ? leaf++ : inner++;
      const second = leaf < leaves && (inner >= node || weight[leaf]! <= weight[inner]!) ? leaf++ : inner++;
      weight[node] = weight[first]! + weight[second]!;
      parent[first] = node;
      parent[second] = node;
    }
    perLength.fill(0);
    depth[root] = 0;
    let excess = 0;
    for (let node = root - 1; node >= 0; node--) {
      const own = Math.min(255, depth[parent[node]!]! + 1);
      depth[node] = own;
      if (node >= leaves) continue;
      if (own > limit) excess++;
      perLength[Math.min(limit, own)]!++;
    }
    if (excess > 0) shorten(perLength, limit);
    // The rarest symbols come first in `order` and get the longest codes.
    let next = 0;
    for (let length = limit; length > 0; length--) {
      for (let i = perLength[length]!; i > 0; i--) lengths[order[next++]!] = length;
    }
    return lengths;
  }

  /** Fills `order` with the symbols that occur, the rarest first, and tells how many they are. */
  private sort(counts: Int32Array): number {
    const { order } = this;
    let used = 0;
    for (let symbol = 0; symbol < counts.length; symbol++) if (counts[symbol]! > 0) order[used++] = symbol;
    if (used > 80) {
      order.subarray(0, used).sort((a, b) => counts[a]! - counts[b]! || a - b);
      return used;
    }
    // Few are put in order faster here than by a call of the library.
    for (let i = 1; i < used; i++) {
      const symbol = order[i]!;
      const count = counts[symbol]!;
      let at = i;
      for (; at > 0 && counts[order[at - 1]!]! > count; at--) order[at] = order[at - 1]!;
      order[at] = symbol;
    }
    return used;
  }
}

/** Lengths were cut at the limit; lengthens other codes until the code is complete again (Kraft's sum is 1). */
function shorten(perLength: Int32Array, limit: number): void {
  let sum = 0;
  for (let length = 1; length <= limit; length++) sum += perLength[length]! * 2 ** (limit - length);
  while (sum > 2 ** limit) {
    let length = limit - 1;
    while (perLength[length] === 0) length--;
    perLength[length]!--;
    perLength[length + 1]! += 2;
    perLength[limit]!--;
    sum--;
  }
}

/** Canonical codes for lengths (RFC 1951, 3.2.2). */
function prefixCode(lengths: Uint8Array): PrefixCode {
  const perLength = new Uint16Array(17);
  for (const length of lengths) perLength[length]!++;
  perLength[0] = 0;
  const next = new Uint16Array(17);
  for (let length = 1, code = 0; length <= 15; length++) {
    code = (code + perLength[length - 1]!) << 1;
    next[length] = code;
  }
  const codes = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length > 0) codes[symbol] = reversed(next[length]!++, length);
  }
  return { codes, lengths };
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let i = 0; i < length; i++) result |= ((code >> i) & 1) << (length - 1 - i);
  return result;
}
