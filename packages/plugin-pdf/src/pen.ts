import type { Paint } from "@episcope/drawing";

/** What items are drawn with. */
export interface Pen {
  readonly document: PDFKit.PDFDocument;
  /** "#rrggbb" by paint. */
  readonly colors: readonly string[];
  /** By cell value, as in `Scene`. */
  readonly ink: readonly Paint[];
}

export function colorOf({ colors }: Pen, paint: Paint): string {
  return colors[paint] as string;
}
