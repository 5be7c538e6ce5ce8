import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@episcope/source"] } },
  // Property tests take a second or two, and several times that on a busy machine.
  test: { testTimeout: 30_000 },
});
