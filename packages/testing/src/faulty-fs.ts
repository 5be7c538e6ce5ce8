import type { FileSystem } from "@episcope/records/store";

/** What becomes of a call: it fails with a system's code, a write is cut to so many bytes, or nothing happens to it. */
export type Verdict = string | number | undefined;

/** Asked before each synchronous call, by its name ("writeSync") and with its arguments. */
export type Rule = (call: string, args: readonly unknown[]) => Verdict;

export interface FaultyFs {
  readonly fs: FileSystem;
  /** May be replaced at any time. */
  rule: Rule;
}

/** A file system whose synchronous calls do as a rule says; without one they all succeed. */
export function faultyFs(inner: FileSystem, rule: Rule = () => undefined): FaultyFs {
  const faulty = { fs: inner, rule };
  // Kept, so that the way to a call costs little where it is made a million times.
  const wrappers = new Map<string, unknown>();
  faulty.fs = new Proxy(inner, {
    get(object, name: string) {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== "function" || !name.endsWith("Sync")) return member;
      let wrapper = wrappers.get(name);
      if (wrapper === undefined) {
        wrapper = (...args: unknown[]): unknown => {
          const verdict = faulty.rule(name, args);
          if (typeof verdict === "string") throw systemError(verdict, name, args);
          if (typeof verdict === "number" && name === "writeSync") return shortWrite(object, args, verdict);
          return (Reflect.get(object, name) as typeof member).apply(object, args);
        };
        wrappers.set(name, wrapper);
      }
      return wrapper;
    },
  });
  return faulty;
}

/** With the fields of Node's own: a path only of calls that are given one. */
function systemError(code: string, syscall: string, [path]: readonly unknown[]): Error {
  const error = new Error(`${code}: injected, ${syscall}`);
  return Object.assign(error, { code, syscall }, typeof path === "string" ? { path } : {});
}

function shortWrite(fs: FileSystem, args: readonly unknown[], limit: number): number {
  const [fd, bytes, offset = 0, length, position] = args as [number, Uint8Array, number?, number?, number?];
  return fs.writeSync(fd, bytes, offset, Math.min(length ?? bytes.length, limit), position);
}
