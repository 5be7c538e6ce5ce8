/** The part of the package that runs in a browser: from a scene to SVG, without the plugin around it. */
export { SharedDefinitions, SvgWriter, sceneToSvg } from "./scene-to-svg.js";
