import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@episcope/source"] } },
  test: {
    // A time limit is there to end what hangs; a busy machine must not fail a test.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    setupFiles: "../testing/property-seed.ts",
    // No test may find the key of whoever runs it.
    env: { WANDB_API_KEY: "", WANDB_API_KEY_FILE: "", WANDB_MODE: "", NETRC: "/nowhere/netrc" },
  },
});
