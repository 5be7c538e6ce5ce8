import type { ConfigText } from "../source/config-source.js";
import { YamlPositions } from "../yaml/parse.js";

/** Where an entry of a defaults list is written; line and column are found when asked for. */
export class DefaultOrigin {
  readonly config: string;
  readonly #text: ConfigText | undefined;
  readonly #index: number | undefined;

  constructor(config: string, text: ConfigText | undefined, index: number | undefined) {
    this.config = config;
    this.#text = text;
    this.#index = index;
  }

  get file(): string | undefined {
    return this.#text?.label;
  }

  get position(): { readonly line: number; readonly column: number } | undefined {
    if (this.#text === undefined) return undefined;
    const path = this.#index === undefined ? ["defaults"] : ["defaults", this.#index];
    return new YamlPositions(this.#text.text, { file: this.#text.label }).of(path);
  }

  /** The line itself, for people. */
  get frame(): string | undefined {
    const { position } = this;
    if (this.#text === undefined || position === undefined) return undefined;
    const line = this.#text.text.split(/\r\n|[\n\r]/)[position.line - 1] ?? "";
    return `${position.line} | ${line}`;
  }
}
