import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import { ROOT } from "../pack/packages.mjs";

/** How the declarations are read; as tsconfig.base.json, and with what a user of the package has beside it. */
const COMPILER_OPTIONS = {
  target: "es2023",
  lib: ["es2023", "esnext.disposable"],
  module: "nodenext",
  strict: true,
  skipLibCheck: true,
  types: ["node"],
  typeRoots: [join(ROOT, "node_modules", "@types")],
};

/**
 * What can be imported from a door, with the declaration of each name. Names that a declaration needs and the door lacks
 * are marked in it. Throws where the declarations do not compile.
 * @param {{ directory: string, types: string }} door absolute paths: the package, and the declarations of the door
 * @returns {string} Markdown
 */
export function apiReport({ directory, types }) {
  if (!existsSync(types)) throw new Error(`there are no declarations in ${types}`);
  const scratch = mkdtempSync(join(tmpdir(), "episcope-api-"));
  try {
    const errors = [];
    const config = ExtractorConfig.prepare({
      configObjectFullPath: join(directory, "api-extractor.json"),
      packageJsonFullPath: join(directory, "package.json"),
      configObject: {
        projectFolder: directory,
        mainEntryPointFilePath: types,
        newlineKind: "lf",
        compiler: {
          overrideTsconfig: { compilerOptions: COMPILER_OPTIONS, files: [types] },
          skipLibCheck: true,
        },
        apiReport: {
          enabled: true,
          reportFolder: scratch,
          reportTempFolder: join(scratch, "temp"),
          reportFileName: "door",
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          compilerMessageReporting: { default: { logLevel: "error" } },
          extractorMessageReporting: {
            default: { logLevel: "none" },
            "ae-forgotten-export": { logLevel: "none", addToApiReportFile: true },
          },
          tsdocMessageReporting: { default: { logLevel: "none" } },
        },
      },
    });
    Extractor.invoke(config, {
      localBuild: true,
      messageCallback(message) {
        if (message.logLevel === "error") errors.push(message.formatMessageWithLocation(directory));
        message.handled = true;
      },
    });
    if (errors.length > 0) throw new Error(errors.join("\n"));
    const text = readFileSync(join(scratch, "door.api.md"), "utf8");
    // Places would change the report with every line that moves, and where an old build has left source maps.
    return text.replace(/^\/\/ (?:src|dist)\/(\S+?)(?:\.d)?\.ts:\d+:\d+ - /gm, "// $1 - ");
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
