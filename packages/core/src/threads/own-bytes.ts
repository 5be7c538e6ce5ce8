/**
 * Plain data as it may be copied to another thread: a view of a larger or shared buffer becomes one of its own, or the
 * copy would take the whole buffer along, or share it. What needs no change is given back as it is.
 */
export function ownBytes<T>(value: T): T {
  return own(value) as T;
}

function own(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return ownView(value);
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const item: unknown = own(value[index]);
      if (item === value[index]) continue;
      copy ??= value.slice();
      copy[index] = item;
    }
    return copy ?? value;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [key, member] of Object.entries(value)) {
    const mine = own(member);
    if (mine === member) continue;
    copy ??= { ...(value as Record<string, unknown>) };
    // An assignment to `__proto__` would set the prototype.
    Object.defineProperty(copy, key, { value: mine, enumerable: true, configurable: true, writable: true });
  }
  return copy ?? value;
}

function ownView(view: ArrayBufferView): ArrayBufferView {
  if (view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength) return view;
  if (view instanceof Uint8Array) return new Uint8Array(view);
  if (view instanceof DataView) {
    const bytes = new Uint8Array(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return new DataView(bytes.buffer);
  }
  return (view as Float64Array).slice();
}
