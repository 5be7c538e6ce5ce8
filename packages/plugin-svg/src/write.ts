/** The part of the package that runs in a browser: from a view to a scene to SVG, without the plugin around it. */
export { drawView, PICTURE_KINDS } from "./draw-view.js";
export { SvgWriter, sceneToSvg } from "./scene-to-svg.js";
