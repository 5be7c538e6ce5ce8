const INITIAL = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/** First 32 bits of the fraction of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
const ROUNDS = roundConstants();

function roundConstants(): Uint32Array {
  const found: number[] = [];
  for (let n = 2; found.length < 64; n += 1) {
    let isPrime = true;
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) isPrime = false;
    if (isPrime) found.push((Math.cbrt(n) % 1) * 2 ** 32);
  }
  return Uint32Array.from(found, Math.floor);
}

function rotated(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** SHA-256 of a text as UTF-8, in base64. Own code: pages are made in browsers, whose own sum only comes later. */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const padded = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64));
  new Uint8Array(padded.buffer).set(bytes);
  padded.setUint8(bytes.length, 0x80);
  padded.setBigUint64(padded.byteLength - 8, BigInt(bytes.length) * 8n);
  const sum = Uint32Array.from(INITIAL);
  for (let at = 0; at < padded.byteLength; at += 64) addBlock(sum, padded, at);
  const out = new DataView(new ArrayBuffer(32));
  for (const [i, word] of sum.entries()) out.setUint32(i * 4, word);
  return btoa(String.fromCharCode(...new Uint8Array(out.buffer)));
}

function addBlock(sum: Uint32Array, padded: DataView, at: number): void {
  const w = new Uint32Array(64);
  for (let i = 0; i < 16; i += 1) w[i] = padded.getUint32(at + i * 4);
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const low = rotated(x, 7) ^ rotated(x, 18) ^ (x >>> 3);
    w[i] = w[i - 16]! + low + w[i - 7]! + (rotated(y, 17) ^ rotated(y, 19) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = sum as unknown as [
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  for (let i = 0; i < 64; i += 1) {
    const high = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const one = (h + high + ((e & f) ^ (~e & g)) + ROUNDS[i]! + w[i]!) | 0;
    const low = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const two = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) sum[i] = sum[i]! + word;
}
