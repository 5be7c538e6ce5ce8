import { EpiscopeError } from "@episcope/errors";

export function configNameRefused(name: string, problem: string): EpiscopeError {
  const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name;
  return new EpiscopeError(
    "CONFIG_NAME",
    `The config name ${JSON.stringify(shown)} is refused: ${problem}.`,
    {
      hint: "Name configs by segments of letters, digits, '.', '_' and '-', with '/' between them.",
      fields: { name: shown },
    },
  );
}

export function packageHeaderInvalid(
  file: string,
  line: number,
  text: string,
  problem: string,
): EpiscopeError {
  return new EpiscopeError("PACKAGE_HEADER", `${file}:${line}: the header '${text}' ${problem}.`, {
    hint: "Write '# @package NAME', with one NAME, in the first lines of the file.",
    fields: { file, line },
  });
}

export function searchPathSchemeUnknown(path: string): EpiscopeError {
  return new EpiscopeError(
    "SEARCH_PATH_SCHEME",
    `No config source is registered for '${path}' of hydra.searchpath.`,
    {
      hint: "Use file://DIR or pkg://NAME, or pass compose() an openSource that knows the scheme.",
      fields: { key: "hydra.searchpath", path },
    },
  );
}

export function configRootInvalid(file: string): EpiscopeError {
  return new EpiscopeError(
    "CONFIG_ROOT",
    `${file}: a config must be a mapping or a list, not a single value.`,
    {
      hint: "Write 'key: value'.",
      fields: { file, line: 1 },
    },
  );
}

export function configNotUtf8(file: string, offset: number, line: number, byte: number): EpiscopeError {
  const shown = `0x${byte.toString(16).padStart(2, "0")}`;
  return new EpiscopeError(
    "CONFIG_ENCODING",
    `${file}:${line}: the file is not UTF-8: byte ${shown} at offset ${offset} cannot stand there.`,
    {
      hint: "Save the file as UTF-8.",
      fields: { file, line, offset },
    },
  );
}
