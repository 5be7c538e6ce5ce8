import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { wrapText } from "../text/wrap-text.js";

/** Part of a title: "Run" in bold, its name behind it. */
export interface TitlePart {
  readonly text: string;
  readonly weight?: 400 | 700;
  readonly fill?: Paint;
  /** Spaces before the next part. Default: 1. */
  readonly space?: number;
}

/** Where a title's lines stand, and how large they are, by layout. */
export interface TitleStyle {
  readonly size: number;
  readonly baseline: number;
  readonly below: { readonly size: number; readonly baseline: number; readonly line: number };
  /** Where the picture goes on. */
  readonly end: number;
}

const PAGE_TITLE: TitleStyle = {
  size: TEXT_SIZE.title,
  baseline: 44,
  below: { size: TEXT_SIZE.body, baseline: 68, line: 20 },
  end: 92,
};
const COMPACT_TITLE: TitleStyle = {
  size: TEXT_SIZE.heading,
  baseline: 24,
  below: { size: TEXT_SIZE.caption, baseline: 42, line: 17 },
  end: 58,
};

/** Null for a figure: what it shows is said by its caption in the paper. */
export function titleStyle({ page: { layout } }: SceneBuilder): TitleStyle | null {
  if (layout === "figure") return null;
  return layout === "compact" ? COMPACT_TITLE : PAGE_TITLE;
}

/** Title, and below it a line that breaks where the page is narrow. Returns where the picture goes on. */
export function drawTitle(builder: SceneBuilder, parts: readonly TitlePart[], below: string): number {
  const style = titleStyle(builder);
  const { margin, inner, width } = builder.page;
  if (style === null) return margin;
  let x = margin;
  for (const { text, weight = 400, fill = ROLE.text, space = 1 } of parts) {
    const shown = fitText(text, width - margin - x, style.size);
    builder.text(x, style.baseline, shown, { size: style.size, weight, fill });
    x += textWidth(shown + " ".repeat(space), style.size);
  }
  const lines = below === "" ? [] : wrapText(below, inner, style.below.size);
  for (const [index, line] of lines.entries()) {
    builder.text(margin, style.below.baseline + index * style.below.line, line, {
      size: style.below.size,
      fill: ROLE.muted,
    });
  }
  return style.end + Math.max(0, lines.length - 1) * style.below.line;
}
