import { type ColorDepth, detectColors, detectTheme, type TerminalOptions } from "@episcope/plugin-terminal";
import type { ProgramIo } from "./io.js";

/**
 * The question for the ground's colour (OSC 11 of xterm), and one that every terminal answers (primary device
 * attributes): its answer comes last, so one that does not know the first costs no waiting.
 */
const GROUND_QUERY = "\u001b]11;?\u001b\\\u001b[c";
const LAST_ANSWER = /\u001b\[\?[\d;]*c/;
/** A terminal at the other end of a slow line: what it says later than that is not waited for. */
const MILLISECONDS = 200;
export const FULL_FLAG = "whole grids in the terminal, also where it has fewer lines";
/** The line of the next prompt. */
const PROMPT_ROWS = 1;
/** A picture is not cropped below that, whatever else is said. */
const LEAST_ROWS = 12;

/**
 * How pictures are drawn for the terminal at hand: its width, colours and ground, and its height unless `full`. The
 * ground is `COLORFGBG`'s, else what the terminal answers, else dark. `beside` lines are kept for other texts.
 */
export async function pictureOptions(
  io: ProgramIo,
  { full = false, beside = 0 }: { readonly full?: boolean | undefined; readonly beside?: number } = {},
): Promise<TerminalOptions> {
  const colors = detectColors(io.env, io.stdoutIsTerminal);
  const theme = await groundOf(io, colors);
  const rows = io.stdoutIsTerminal && !full ? io.rows : undefined;
  return {
    columns: io.columns,
    colors,
    theme,
    ...(rows === undefined ? {} : { rows: Math.max(LEAST_ROWS, rows - PROMPT_ROWS - beside) }),
  };
}

async function groundOf(io: ProgramIo, colors: ColorDepth): Promise<"light" | "dark"> {
  const told = detectTheme(io.env);
  if (io.env["COLORFGBG"] || !io.stdoutIsTerminal || colors === "none" || io.ask === undefined) return told;
  const answer = await io.ask(GROUND_QUERY, { end: LAST_ANSWER, milliseconds: MILLISECONDS });
  return themeOfAnswer(answer) ?? told;
}

/** "\u001b]11;rgb:ffff/ffff/ffff\u001b\\" is light: one to four hexadecimal digits for each of red, green and blue. */
function themeOfAnswer(answer: string): "light" | "dark" | null {
  const found = /\u001b\]11;rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i.exec(answer);
  if (found === null) return null;
  const [red, green, blue] = found
    .slice(1)
    .map((digits) => Number.parseInt(digits, 16) / (16 ** digits.length - 1)) as [number, number, number];
  // Luma of ITU-R BT.601 is near enough for light or dark.
  return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 ? "light" : "dark";
}
