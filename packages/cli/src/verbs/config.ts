import { checkCombinations, type EpiscopeConfig } from "@episcope/core";
import { Option } from "commander";
import { type ComposeFlags, checkComposition, composeConfig, declareComposeFlags } from "../compose-run.js";
import { describeExplanation } from "../describe-explanation.js";
import { configKeyUnknown } from "../errors.js";
import { EXIT } from "../exit-status.js";
import type { Verb } from "../verb.js";

interface ConfigFlags extends ComposeFlags {
  readonly cfg?: "job" | "hydra" | "all";
  readonly resolve?: boolean;
  readonly package?: string;
  readonly explain?: string;
}

export const configVerb: Verb<ConfigFlags> = {
  name: "config",
  summary: "compose a config and print it, or explain where a value comes from",
  words: "overrides; --config-name play or record shows what those verbs compose",
  declare(command) {
    declareComposeFlags(command);
    command
      .addOption(
        new Option("-c, --cfg <part>", "which part is printed")
          .choices(["job", "hydra", "all"])
          .default("job"),
      )
      .option("--resolve", "resolve interpolations")
      .option("-p, --package <package>", "print only this part, for instance storage")
      .option("--explain <key>", "which file or override gave a value, and what it replaced");
  },
  async run({ words, flags }, io) {
    const composition = await composeConfig<EpiscopeConfig>("config", words, flags, io);
    if (flags.explain !== undefined) {
      const explanation = composition.explain(flags.explain);
      if (explanation === undefined) throw configKeyUnknown(flags.explain);
      await io.out(describeExplanation(explanation));
      return EXIT.done;
    }
    // What would not open is not printed as if it were all right.
    checkComposition(composition, flags.configName ?? "config");
    checkCombinations(composition.config as unknown as EpiscopeConfig, { cwd: io.cwd });
    const part = flags.cfg ?? "job";
    await io.out(
      composition.toYaml({
        part,
        ...(flags.resolve === true ? { resolve: true } : {}),
        ...(flags.package === undefined ? {} : { package: flags.package }),
      }),
    );
    return EXIT.done;
  },
};
