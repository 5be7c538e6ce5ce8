/** The parts of a terminal's input that a question needs; `process.stdin` has them. */
export interface TerminalInput {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  off(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

const INTERRUPT = "\u0003";

/**
 * Writes a query to the terminal and gives what it answers until `end` matches or the time is over; "" where the input
 * is no terminal. Keys are read meanwhile without being shown; `interrupted` is called for Ctrl+C, which the terminal
 * does not turn into a signal then.
 */
export function askTerminal(
  query: string,
  { end, milliseconds }: { readonly end: RegExp; readonly milliseconds: number },
  input: TerminalInput,
  write: (text: string) => unknown,
  interrupted: () => void,
): Promise<string> {
  if (input.isTTY !== true || input.setRawMode === undefined) return Promise.resolve("");
  return new Promise((resolve) => {
    let answer = "";
    const finish = (): void => {
      clearTimeout(timer);
      input.off("data", listen);
      input.setRawMode?.(false);
      input.pause();
      resolve(answer);
    };
    const listen = (chunk: Uint8Array): void => {
      answer += Buffer.from(chunk).toString("latin1");
      if (answer.includes(INTERRUPT)) {
        finish();
        interrupted();
      } else if (end.test(answer)) finish();
    };
    const timer = setTimeout(finish, milliseconds);
    input.setRawMode?.(true);
    input.on("data", listen);
    input.resume();
    write(query);
  });
}
