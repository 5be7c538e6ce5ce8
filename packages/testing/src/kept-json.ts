/** The typed arrays of views and scenes, by the name of their field. */
const TYPED = new Map<string, typeof Uint8Array | typeof Float64Array>([
  ["data", Uint8Array],
  ["mask", Uint8Array],
  ["selection", Uint8Array],
  ["rewards", Float64Array],
  ["similarities", Float64Array],
]);

/** Views and scenes that a test keeps as JSON, with the typed arrays that JSON has not; null in them is NaN. */
export function parseKept<T>(json: string): T {
  return JSON.parse(json, (key, value: unknown) => {
    const type = TYPED.get(key);
    if (type === undefined || !Array.isArray(value)) return value;
    return new type(value.map((cell: number | null) => cell ?? Number.NaN));
  }) as T;
}
