import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@episcope/source"] } },
  // A time limit is there to end what hangs; a busy machine must not fail a test.
  test: { testTimeout: 300_000, hookTimeout: 300_000, setupFiles: "../testing/property-seed.ts" },
});
