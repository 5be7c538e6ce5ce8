import { createPalette, datasetOf, recordedScheme } from "@episcope/drawing";
import type { ColorScheme, View } from "@episcope/records";
import type { ColorDepth, TerminalTheme } from "./color-depth.js";
import { Ink } from "./ink.js";
import { comparisonText, metricsText, runText, taskText } from "./overview-text.js";
import { stepParts, stepText } from "./step-text.js";
import { summaryText } from "./summary-text.js";
import { flowed } from "./text.js";

export interface TerminalOptions {
  /** Columns of the terminal; lines are never wider. At least 20. */
  readonly columns: number;
  readonly colors: ColorDepth;
  /**
   * Lines of the terminal: where a step or a summary would be higher, its cells are smaller, then its grids cropped to
   * what changed, and a line says so. Default: no limit.
   */
  readonly rows?: number;
  /** Default: "default", which is that of the recording's data set. */
  readonly scheme?: ColorScheme;
  /** What the terminal's ground is: texts contrast with it by at least 4.5. Default: "dark". */
  readonly theme?: TerminalTheme;
}

/**
 * A view as text, with a line feed at its end. Same view and options, same text. Recorded strings are cleaned, so
 * the only escape sequences in it are colours.
 */
export function renderTerminal(view: View, options: TerminalOptions): string {
  const columns = Math.max(20, Math.floor(options.columns));
  const scheme = recordedScheme(options.scheme ?? "default", datasetOf(view));
  const palette = createPalette(scheme, options.theme ?? "dark");
  const ink = new Ink(options.colors, palette.colors, scheme);
  const space = { columns, rows: options.rows };
  const lines = (): string[] => {
    switch (view.kind) {
      case "step":
        return stepText(view, space, ink, palette);
      case "summary":
        return summaryText(view, space, ink, palette);
      case "episode": {
        const steps: string[] = [];
        for (const step of view.steps) steps.push(...flowed(stepParts(step, ink), columns));
        return [...steps, "", ...summaryText(view.summary, space, ink, palette)];
      }
      case "task":
        return taskText(view, space, ink, palette);
      case "comparison":
        return comparisonText(view, columns, ink);
      case "run":
        return runText(view, columns, ink);
      case "metrics":
        return metricsText(view, columns, ink);
    }
  };
  return `${lines().join("\n")}\n`;
}
