import { rolldown } from "rolldown";
import { expect, it } from "vitest";

it.each([
  "@episcope/plugin-svg",
  "@episcope/plugin-html",
  "@episcope/plugin-terminal",
  "@episcope/core/plugin",
])("%s can be bundled for a browser: nothing behind it imports a node: module", async (entry) => {
  const asked: string[] = [];
  const bundle = await rolldown({
    input: "entry",
    platform: "browser",
    resolve: { conditionNames: ["@episcope/source", "browser", "import", "default"] },
    plugins: [
      {
        name: "entry",
        resolveId: (id) => {
          if (id.startsWith("node:")) {
            asked.push(id);
            return { id, external: true };
          }
          return id === "entry" ? id : null;
        },
        load: (id) => (id === "entry" ? `export * from "${entry}";` : null),
      },
    ],
    logLevel: "silent",
    cwd: import.meta.dirname,
  });
  await bundle.generate({ format: "esm" });
  await bundle.close();
  expect(asked).toEqual([]);
});
