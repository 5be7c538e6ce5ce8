import type { Composition } from "../compose/composition.js";
import { helpTemplateInvalid } from "./errors.js";
import { describeFlags } from "./flags.js";

/** `--help`: the template `hydra.help.template` with its names filled in. */
export function appHelp(composition: Composition<unknown>, resolve: boolean, aliases: string): string {
  const template = String(composition.value("hydra.help.template"));
  return `${fill(template, composition, () => composition.toYaml({ resolve }), aliases)}\n`;
}

/** `--hydra-help`: the same of `hydra.hydra_help.template`. */
export function hydraHelp(composition: Composition<unknown>): string {
  const template = String(composition.value("hydra.hydra_help.template"));
  return `${fill(template, composition, () => composition.toYaml({ part: "hydra" }))}\n`;
}

function fill(
  template: string,
  composition: Composition<unknown>,
  config: () => string,
  aliases = "",
): string {
  const texts: Readonly<Record<string, () => string>> = {
    FLAGS_HELP: describeFlags,
    HYDRA_CONFIG_GROUPS: () => groupLines(composition, true),
    APP_CONFIG_GROUPS: () => groupLines(composition, false),
    CONFIG: config,
    OVERRIDE_ALIASES: () => aliases,
  };
  return template.replace(/\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g, (_, dollar, bare, braced) => {
    if (dollar !== undefined) return "$";
    const name = String(bare ?? braced);
    if (!Object.hasOwn(texts, name)) throw helpTemplateInvalid(name);
    return texts[name]!();
  });
}

/** `group: option, option` for each group, Hydra's own or the application's. */
function groupLines(composition: Composition<unknown>, hydra: boolean): string {
  return allGroups(composition, "")
    .filter((group) => (group === "hydra" || group.startsWith("hydra/")) === hydra)
    .sort()
    .map((group) => `${group}: ${composition.groupOptions(group).join(", ")}\n`)
    .join("");
}

/** Config groups that have options, at every depth. */
export function allGroups(composition: Composition<unknown>, parent: string): string[] {
  return composition.subgroups(parent).flatMap((name) => {
    const group = parent === "" ? name : `${parent}/${name}`;
    const own = composition.groupOptions(group).length > 0 ? [group] : [];
    return [...own, ...allGroups(composition, group)];
  });
}
