import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@episcope/source"] } },
  test: { globalSetup: ["./test/fixtures/build-program.ts"], testTimeout: 30_000, hookTimeout: 60_000 },
});
