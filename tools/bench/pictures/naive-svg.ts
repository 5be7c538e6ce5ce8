import { type GridItem, ROLE, type Scene } from "@episcope/drawing";
import { sceneToSvg } from "@episcope/plugin-svg";

/** The scene as peers write it: one rect element for each cell, with its line, every attribute spelt out. */
export function naiveSvg(scene: Scene): string {
  const rest = new TextDecoder().decode(
    sceneToSvg({ ...scene, items: scene.items.filter(({ kind }) => kind !== "grid") }),
  );
  return rest.replace("</svg>", `${naiveGrids(scene)}</svg>`);
}

/** The grids alone. */
export function naiveGrids(scene: Scene): string {
  return scene.items.map((item) => (item.kind === "grid" ? naiveGrid(item, scene.palette) : "")).join("");
}

function naiveGrid(
  { shape: [rows, columns], x, y, cell, data }: GridItem,
  palette: readonly string[],
): string {
  let svg = "";
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const fill = palette[data[r * columns + c]!];
      svg += `<rect x="${x + c * cell}" y="${y + r * cell}" width="${cell}" height="${cell}" fill="${fill}" stroke="${palette[ROLE.gridLine]}" stroke-width="0.5"/>`;
    }
  }
  return svg;
}
