import { createPalette, ROLE, type Scene } from "@episcope/drawing";
import { SharedDefinitions, SvgWriter } from "@episcope/plugin-svg";
import type { PictureSettings } from "@episcope/records";

/**
 * The pictures of one page. They stand in it as SVG: what they have in common is there once, and colours of their ground and
 * text are the page's variables, so that they follow its dark form.
 */
export class PagePictures {
  /** Custom properties of the light page and of the dark one. */
  readonly light: string;
  readonly dark: string;
  readonly #shared = new SharedDefinitions();
  readonly #writer = new SvgWriter(this.#shared);
  /** By paint. */
  readonly #variables: ReadonlyMap<number, string>;

  constructor({ color_scheme, theme }: PictureSettings) {
    const [light, dark] = [
      createPalette(color_scheme, theme).colors,
      createPalette(color_scheme, "dark").colors,
    ];
    const differing = Object.entries(ROLE).filter(([, paint]) => light[paint] !== dark[paint]);
    this.#variables = new Map(differing.map(([name, paint]) => [paint, `var(--p-${name})`]));
    const properties = (colors: readonly string[]): string =>
      differing.map(([name, paint]) => `--p-${name}:${colors[paint]}`).join(";");
    this.light = properties(light);
    this.dark = properties(dark);
  }

  /** A picture with what it says to people who cannot see it. */
  picture(scene: Scene, kind = "picture"): string {
    return this.#svg(scene).replace("<svg", `<svg class="${kind}"`);
  }

  /** A picture beside text that says the same. */
  decoration(scene: Scene, kind: string): string {
    return this.#svg(scene)
      .replace(/^<svg([^>]*) role="[^"]*"/, `<svg class="${kind}" aria-hidden="true"$1`)
      .replace(/<title>.*?<\/title>/, "")
      .replace(/ role="img" aria-label="[^"]*"/g, "");
  }

  /** What stands before the pictures; asked for after the last of them. */
  definitions(): string {
    return this.#shared.toSvg();
  }

  #svg(scene: Scene): string {
    const palette = scene.palette.map((color, paint) => this.#variables.get(paint) ?? color);
    const svg = new TextDecoder().decode(this.#writer.write({ ...scene, palette }));
    // What the page says once for all of them.
    return svg.replace(/ xmlns="[^"]*"| font-family="[^"]*"/g, "").replace("<desc></desc>", "");
  }
}
