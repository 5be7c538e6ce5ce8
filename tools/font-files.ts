import { createRequire } from "node:module";

const resolve = createRequire(import.meta.url).resolve;

/** The font of the pictures, as files. */
export const FONT_FILES: { readonly regular: string; readonly bold: string } = {
  regular: resolve("@episcope/drawing/fonts/RobotoMono-Regular.ttf"),
  bold: resolve("@episcope/drawing/fonts/RobotoMono-Bold.ttf"),
};
