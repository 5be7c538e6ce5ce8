import nodeFs from "node:fs";
import type { FileSystem } from "@episcope/records/store";

/** What becomes of a call: an error code, a number of bytes that a write is cut to, or nothing. */
export type Verdict = string | number | undefined;
export type Rule = (call: string, args: readonly unknown[]) => Verdict;

export interface FailingFs {
  readonly fs: FileSystem;
  /** May be replaced at any time. */
  rule: Rule;
}

const CHANGING = new Set([
  "closeSync",
  "copyFileSync",
  "fdatasyncSync",
  "fsyncSync",
  "ftruncateSync",
  "mkdirSync",
  "openSync",
  "renameSync",
  "rmSync",
  "unlinkSync",
  "writeFileSync",
  "writeSync",
]);

/** True of the calls that a full or broken disk can refuse. */
export function changesDisk(call: string): boolean {
  return CHANGING.has(call);
}

/** The real file system, whose synchronous calls do as a rule says. */
export function failingFs(): FailingFs {
  const failing: { fs: FileSystem; rule: Rule } = { fs: nodeFs, rule: () => undefined };
  const wrapped = new Map<string, unknown>();
  failing.fs = new Proxy(nodeFs, {
    get(inner, name: string) {
      const member: unknown = Reflect.get(inner, name);
      if (typeof member !== "function" || !name.endsWith("Sync")) return member;
      let wrapper = wrapped.get(name);
      if (wrapper === undefined) {
        wrapper = (...args: unknown[]) => {
          const verdict = failing.rule(name, args);
          if (typeof verdict === "string") throw systemError(verdict, name);
          if (typeof verdict === "number" && name === "writeSync") {
            const [fd, bytes, offset, length, position] = args as Parameters<typeof cut>;
            return cut(fd, bytes, offset, Math.min(length, verdict), position);
          }
          return member.apply(inner, args);
        };
        wrapped.set(name, wrapper);
      }
      return wrapper;
    },
  });
  return failing;
}

function cut(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
  return nodeFs.writeSync(fd, bytes, offset, length, position);
}

function systemError(code: string, call: string): Error {
  return Object.assign(new Error(`${code}: injected, ${call}`), { code, syscall: call });
}
