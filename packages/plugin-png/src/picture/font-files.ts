import { createRequire } from "node:module";

/** The two faces of the bundled font; the layout was measured with them (`FONT` of `@episcope/drawing`). */
export function fontFiles(): readonly string[] {
  const resolve = createRequire(import.meta.url).resolve;
  return [
    resolve("@episcope/drawing/fonts/RobotoMono-Regular.ttf"),
    resolve("@episcope/drawing/fonts/RobotoMono-Bold.ttf"),
  ];
}
