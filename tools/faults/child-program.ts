import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the start of the process. */
  readonly seconds: number;
}

/** A child process whose output is gathered while it runs. */
export class ChildProgram {
  readonly process: ChildProcess;
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ended>;
  #listeners: (() => void)[] = [];

  constructor(program: string, args: readonly string[], options: SpawnOptions = {}) {
    const started = performance.now();
    this.process = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
    for (const name of ["stdout", "stderr"] as const) {
      this.process[name]?.setEncoding("utf8").on("data", (text: string) => {
        this[name] += text;
        for (const listener of this.#listeners) listener();
      });
    }
    this.ended = once(this.process, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.stdout,
      stderr: this.stderr,
      seconds: (performance.now() - started) / 1000,
    }));
    this.process.stdin?.on("error", () => {});
  }

  /** Resolves when the condition holds for the output so far; rejects if the child ends before. */
  async until(condition: (child: this) => boolean): Promise<void> {
    if (condition(this)) return;
    let listener = (): void => {};
    const reached = new Promise<void>((resolve) => {
      listener = () => {
        if (condition(this)) resolve();
      };
      this.#listeners.push(listener);
    });
    const early = this.ended.then(({ code, signal, stderr }) => {
      if (!condition(this)) throw new Error(`the child ended early (${code ?? signal}):\n${stderr}`);
    });
    try {
      await Promise.race([reached, early]);
    } finally {
      early.catch(() => {});
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  send(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }
}

/** Starts a JavaScript file with the Node that runs this. */
export function startNode(
  file: string,
  args: readonly (string | number)[] = [],
  options: SpawnOptions & { readonly nodeFlags?: readonly string[] } = {},
): ChildProgram {
  const { nodeFlags = [], ...rest } = options;
  return new ChildProgram(process.execPath, [...nodeFlags, file, ...args.map(String)], rest);
}

/** Number in the last whole line that begins with the word; -1 where there is none. */
export function lastNumber(output: string, word: string): number {
  const end = output.lastIndexOf("\n");
  const start = output.lastIndexOf(`${word} `, end);
  if (start < 0) return -1;
  return Number(output.slice(start + word.length + 1, output.indexOf("\n", start)));
}
