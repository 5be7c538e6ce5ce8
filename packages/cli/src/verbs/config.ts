import { showConfig } from "@episcope/config";
import { checkCombinations, describePlugins, type EpiscopeConfig } from "@episcope/core";
import { builtinPlugins } from "../compose/builtin-plugins.js";
import { checkComposition, composeConfig } from "../compose/compose-run.js";
import { describeOrigins, nearestGroup } from "../compose/describe-explanation.js";
import { describeInstalledPlugins } from "../compose/describe-plugins.js";
import { projectPlugins } from "../compose/project-plugins.js";
import { declareShowFlags, INFO, type ShowFlags, showInstead } from "../compose/show-flags.js";
import { declareRecorderFlags, type RecorderFlags } from "../recording/open-recorder.js";
import { configKeyUnknown } from "../terminal/errors.js";
import { EXIT } from "../terminal/exit-status.js";
import type { Verb } from "./verb.js";

interface ConfigFlags extends ShowFlags, RecorderFlags {
  readonly explain?: string;
}

export const configVerb: Verb<ConfigFlags> = {
  declare(command) {
    declareRecorderFlags(command);
    declareShowFlags(command, [...INFO, "plugins"]);
    command.option(
      "--explain <key>",
      "which file or override gave a value, or each value of a group, and what it replaced",
    );
  },
  async run({ words, flags }, io) {
    if (flags.info !== undefined && flags.info !== "plugins") {
      await showInstead("config", words, flags, io);
      return EXIT.done;
    }
    const composition = await composeConfig<EpiscopeConfig>("config", words, flags, io);
    const explain = (key: string) => composition.explain(key);
    const unknown = (key: string) => {
      const { group, keys } = nearestGroup(key, explain);
      return configKeyUnknown(key, group, keys);
    };
    if (flags.explain !== undefined) {
      const origins = describeOrigins(flags.explain, explain);
      if (origins === undefined) throw unknown(flags.explain);
      await io.out(origins);
      return EXIT.done;
    }
    // What would not open is not printed as if it were all right.
    checkComposition(composition, flags.configName ?? "config");
    checkCombinations(composition.config as unknown as EpiscopeConfig, { cwd: io.cwd });
    if (flags.info !== undefined) {
      const described = await describePlugins(composition.config, {
        plugins: builtinPlugins(),
        allowPlugins: [...(flags.allowPlugins ?? []), ...projectPlugins(io.cwd, io.fs)],
        cwd: io.cwd,
        fs: io.fs,
      });
      await io.out(describeInstalledPlugins(described));
      return EXIT.done;
    }
    const part = flags.cfg ?? "job";
    if (flags.package !== undefined && explain(flags.package) === undefined) throw unknown(flags.package);
    await io.out(showConfig(composition, { part, resolve: flags.resolve === true, package: flags.package }));
    return EXIT.done;
  },
};
