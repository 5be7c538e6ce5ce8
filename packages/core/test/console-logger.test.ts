import { describe, expect, it } from "vitest";
import { createConsoleLogger } from "../src/index.js";

describe("the console logger", () => {
  it("writes its own level and those above, a line each", () => {
    for (const [level, expected] of [
      ["DEBUG", ["DEBUG", "INFO", "WARNING", "ERROR"]],
      ["INFO", ["INFO", "WARNING", "ERROR"]],
      ["WARNING", ["WARNING", "ERROR"]],
      ["ERROR", ["ERROR"]],
    ] as const) {
      const lines: string[] = [];
      const logger = createConsoleLogger(level, (line) => lines.push(line));
      logger.debug("a");
      logger.info("a");
      logger.warn("a");
      logger.error("a");
      expect(lines).toEqual(expected.map((name) => `[episcope][${name}] a\n`));
    }
  });
});
