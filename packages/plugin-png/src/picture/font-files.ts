import { createRequire } from "node:module";

/** The two faces of the bundled font; the layout was measured with them (`FONT` of `@episcope/drawing`). */
export function fontFiles(): readonly string[] {
  const resolve = createRequire(import.meta.url).resolve;
  return [
    resolve("@expo-google-fonts/roboto-mono/400Regular/RobotoMono_400Regular.ttf"),
    resolve("@expo-google-fonts/roboto-mono/700Bold/RobotoMono_700Bold.ttf"),
  ];
}
