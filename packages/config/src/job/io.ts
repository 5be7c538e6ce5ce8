/** The world of an application: everything that it reads or writes outside of its directories. */
export interface ApplicationIo {
  /** The words of the command line, without the program. */
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  /** What relative directories are relative to. */
  readonly cwd: string;
  /** Standard output. */
  out(text: string): void;
  /** Standard error. */
  err(text: string): void;
  /** Whether standard error is a terminal, which shows how a sweep gets on. */
  readonly errIsTerminal: boolean;
  /** The time; a property `microseconds` beside it refines `%f` of `${now:…}`. */
  now(): Date & { readonly microseconds?: number };
}

/** The world of this process. Written synchronously, so that nothing is lost when the process ends. */
export function processIo(argv: readonly string[] = process.argv.slice(2)): ApplicationIo {
  return {
    argv,
    env: process.env,
    cwd: process.cwd(),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    errIsTerminal: process.stderr.isTTY === true,
    now: preciseNow,
  };
}

/** The time with its microseconds, which `Date` does not hold. */
export function preciseNow(): Date & { readonly microseconds: number } {
  const now = performance.timeOrigin + performance.now();
  const time = new Date(now);
  return Object.assign(time, {
    microseconds: time.getMilliseconds() * 1000 + (Math.floor(now * 1000) % 1000),
  });
}
