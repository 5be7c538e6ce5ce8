/** How many colours a terminal shows. */
export type ColorDepth = "none" | "16" | "256" | "truecolor";

export type Environment = { readonly [name: string]: string | undefined };

/**
 * What a terminal can show, from its environment. Every non-empty `NO_COLOR` turns colours off
 * (https://no-color.org); `FORCE_COLOR` = 0..3 decides otherwise, also for a pipe; then `COLORTERM` and `TERM`.
 */
export function detectColors(environment: Environment, isTTY: boolean): ColorDepth {
  if (environment["NO_COLOR"]) return "none";
  const forced = environment["FORCE_COLOR"];
  if (forced !== undefined) {
    if (forced === "0" || forced === "false") return "none";
    if (forced === "1") return "16";
    if (forced === "2") return "256";
    if (forced === "3") return "truecolor";
  }
  const term = environment["TERM"] ?? "";
  if ((!isTTY && forced === undefined) || term === "dumb") return "none";
  const colorTerm = environment["COLORTERM"] ?? "";
  if (colorTerm === "truecolor" || colorTerm === "24bit" || term.endsWith("-direct")) return "truecolor";
  if (term.includes("256color")) return "256";
  return "16";
}

export type TerminalTheme = "light" | "dark";

/**
 * The ground of a terminal as far as its environment tells: `COLORFGBG` ("15;0") names it by its last number, of which
 * 7 and 15 are light. Without it dark, as most terminals are.
 */
export function detectTheme(environment: Environment): TerminalTheme {
  const ground = /(\d+)$/.exec(environment["COLORFGBG"] ?? "")?.[1];
  return ground === "7" || ground === "15" ? "light" : "dark";
}
