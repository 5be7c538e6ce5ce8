/** A prefix code as deflate writes it: bits of a code are reversed, so that they can be shifted in from below. */
export interface PrefixCode {
  readonly codes: Uint16Array;
  /** 0 = the symbol does not occur. */
  readonly lengths: Uint8Array;
}

/**
 * Code lengths for symbol counts, none above `limit` bits (deflate: 15, of code lengths 7).
 * One symbol alone gets one bit, as RFC 1951 asks. Ties are broken by the symbol's number, so the same counts
 * give the same code everywhere.
 */
export function codeLengths(counts: ArrayLike<number>, limit: number): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  const keys: number[] = [];
  for (let symbol = 0; symbol < counts.length; symbol++) {
    const count = counts[symbol] as number;
    if (count > 0) keys.push(count * 512 + symbol);
  }
  if (keys.length === 0) return lengths;
  const order = sorted(keys);
  const leaves = order.length;
  if (leaves === 1) {
    lengths[order[0]! % 512] = 1;
    return lengths;
  }
  // Two queues: leaves in order, and inner nodes, which arise in order too.
  const weight = new Float64Array(2 * leaves - 1);
  const parent = new Int32Array(2 * leaves - 1);
  for (let i = 0; i < leaves; i++) weight[i] = Math.floor(order[i]! / 512);
  let leaf = 0;
  let inner = leaves;
  const root = 2 * leaves - 2;
  for (let node = leaves; node <= root; node++) {
    for (let child = 0; child < 2; child++) {
      const takeLeaf = leaf < leaves && (inner >= node || weight[leaf]! <= weight[inner]!);
      const taken = takeLeaf ? leaf++ : inner++;
      weight[node] = weight[node]! + weight[taken]!;
      parent[taken] = node;
    }
  }
  const perLength = new Int32Array(limit + 1);
  const depth = new Uint8Array(2 * leaves - 1);
  let excess = 0;
  for (let node = root - 1; node >= 0; node--) {
    depth[node] = Math.min(255, depth[parent[node]!]! + 1);
    if (node >= leaves) continue;
    if (depth[node]! > limit) excess++;
    perLength[Math.min(limit, depth[node]!)]!++;
  }
  if (excess > 0) shorten(perLength, limit);
  // The rarest symbols come first in `order` and get the longest codes.
  let next = 0;
  for (let length = limit; length > 0; length--) {
    for (let i = perLength[length]!; i > 0; i--) lengths[order[next++]! % 512] = length;
  }
  return lengths;
}

/** Few symbols are put in order faster here than by a call of the library. */
function sorted(keys: readonly number[]): Float64Array {
  const order = Float64Array.from(keys);
  if (order.length > 80) return order.sort();
  for (let i = 1; i < order.length; i++) {
    const key = order[i]!;
    let at = i;
    for (; at > 0 && order[at - 1]! > key; at--) order[at] = order[at - 1]!;
    order[at] = key;
  }
  return order;
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
export function prefixCode(lengths: Uint8Array): PrefixCode {
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
