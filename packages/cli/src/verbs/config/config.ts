import { showConfig } from "@episcope/config";
import { checkCombinations, type EpiscopeConfig } from "@episcope/core/config";
import { checkComposition, composeConfig } from "../../compose/compose-run.js";
import { checkLocked } from "../../compose/config-lock.js";
import { originOf } from "../../compose/config-side.js";
import { describeOrigins, nearestGroup } from "../../compose/describe-explanation.js";
import { declareShowFlags, INFO, type ShowFlags, showInstead } from "../../compose/show-flags.js";
import { declareRecorderFlags, type RecorderFlags } from "../../recording/open-recorder.js";
import { configKeyUnknown } from "../../terminal/errors.js";
import { EXIT } from "../../terminal/exit-status.js";
import type { Verb } from "../verb.js";

interface ConfigFlags extends ShowFlags, RecorderFlags {
  readonly explain?: string;
  readonly provenance?: boolean;
  readonly in?: string;
  readonly all?: boolean;
  readonly write?: string;
}

export const configVerb: Verb<ConfigFlags> = {
  declare(command) {
    declareRecorderFlags(command);
    declareShowFlags(command, [...INFO, "plugins"]);
    command
      .option("--provenance", "the file and line, or the override, of every value as a comment behind it")
      .option("--in <file>", "set, unset: the file to change; lock: the file to write")
      .option(
        "--write <dir>",
        "schema: the config folder whose files are to name their schemas; migrate: the folder to write",
      )
      .option("--all", "validate: every combination of the options of the groups")
      .option(
        "--explain <key>",
        "which file or override gave a value, or each value of a group, and what it replaced",
      );
  },
  async run({ words, flags }, io) {
    const [work, ...rest] = words;
    switch (work) {
      case "set":
        return (await import("./edit.js")).setValues(rest, flags.in, io);
      case "unset":
        return (await import("./edit.js")).unsetValues(rest, flags.in, io);
      case "init":
        return (await import("./edit.js")).initPresets(rest, io);
      case "save":
        return (await import("./edit.js")).saveOption(rest, flags, io);
      case "diff":
        return (await import("./check.js")).diffConfigs(rest, flags, io);
      case "lock":
        return (await import("./lock.js")).lockConfig(rest, flags, io);
      case "migrate":
        return (await import("./migrate.js")).migrateConfigs(rest, flags.write, io);
      case "schema":
        return (await import("./schema.js")).configSchema(rest, flags.write, io);
      case "validate":
        return (await import("./check.js")).validateAll(rest, flags, io);
      default:
    }
    await checkLocked("config", words, flags, io);
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
      const { commentsOfGroup } = await import("../../compose/file-schema.js");
      const origins = describeOrigins(flags.explain, explain, (key) => {
        const [group = "", ...rest] = key.split(".");
        return commentsOfGroup(group, io.fs).get(rest.join("."));
      });
      if (origins === undefined) throw unknown(flags.explain);
      await io.out(origins);
      return EXIT.done;
    }
    // What would not open is not printed as if it were all right.
    checkComposition(composition, flags.configName ?? "config");
    checkCombinations(composition.config as unknown as EpiscopeConfig, { cwd: io.cwd });
    if (flags.info !== undefined) {
      const { pluginsOf } = await import("../../compose/describe-plugins.js");
      await io.out(
        await pluginsOf(composition.config as unknown as EpiscopeConfig, flags.allowPlugins ?? [], io),
      );
      return EXIT.done;
    }
    const part = flags.cfg ?? "job";
    if (flags.package !== undefined && explain(flags.package) === undefined) throw unknown(flags.package);
    if (flags.provenance !== true) {
      const { resolve = false, package: key } = flags;
      await io.out(showConfig(composition, { part, resolve, package: key }));
      return EXIT.done;
    }
    const text = composition.toYaml({
      part,
      ...(flags.resolve === true ? { resolve: true, keepMissing: true } : {}),
      ...(flags.package === undefined ? {} : { package: flags.package }),
    });
    const { commentValues } = await import("@episcope/config/edit");
    const origin = (key: string): string | undefined => originOf(composition, key) || undefined;
    await io.out(commentValues(text, origin, flags.package));
    return EXIT.done;
  },
};
