// Searches the `colorblind` palette: ten colours that stay in the hue families of the classic ARC palette and are
// as far apart as possible, in CIELAB, for the worst of four kinds of vision. Prints the constants for
// packages/drawing/src/scene/palette.ts and the distances that packages/drawing/test/palette.test.ts recomputes.
//
//     node tools/run-ts.mjs tools/palette/optimise.mjs [rounds]
//
// Simulated annealing with a fixed seed: the same result on every machine.
import { closestPair, labOf, VISIONS } from "@episcope/drawing";

/** Hue in degrees of CIELAB, chroma and lightness that still go by the name. Black stays black. */
const FAMILIES = [
  { name: "black", fixed: "#000000" },
  { name: "blue", hue: [255, 305], chroma: [35, 140], light: [22, 58] },
  { name: "red", hue: [20, 45], chroma: [50, 140], light: [35, 62] },
  { name: "green", hue: [128, 168], chroma: [30, 140], light: [38, 82] },
  { name: "yellow", hue: [88, 112], chroma: [45, 140], light: [82, 98] },
  { name: "grey", hue: [0, 360], chroma: [0, 5], light: [45, 80] },
  { name: "pink", hue: [318, 360], chroma: [35, 140], light: [45, 80] },
  { name: "orange", hue: [52, 76], chroma: [55, 140], light: [58, 80] },
  { name: "light blue", hue: [195, 262], chroma: [18, 140], light: [72, 94] },
  { name: "brown", hue: [15, 70], chroma: [20, 140], light: [16, 38] },
];
const CLASSIC = [
  ["#000000", "#0074d9", "#ff4136", "#2ecc40", "#ffdc00"],
  ["#aaaaaa", "#f012be", "#ff851b", "#7fdbff", "#870c25"],
].flat();

const rounds = Number(process.argv[2] ?? 800_000);
let seed = 20_260_102;
const random = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

const hex = (rgb) => `#${rgb.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
const rgbOf = (color) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

function fits(color, { hue, chroma, light }) {
  const [l, a, b] = labOf(color);
  const c = Math.hypot(a, b);
  const h = (Math.atan2(b, a) * 180) / Math.PI;
  const angle = (h + 360) % 360;
  if (l < light[0] || l > light[1] || c < chroma[0] || c > chroma[1]) return false;
  return chroma[1] < 10 || (angle >= hue[0] && angle <= hue[1]);
}

const seenAs = (color) => VISIONS.map((vision) => labOf(color, vision));
const distance = ([l, a, b], [m, c, d]) => Math.hypot(l - m, a - c, b - d);

/** Enough: three times the 8.4 of the classic palette. Beyond it, looking like the classic colours counts more. */
const WANTED = 25.5;

/** First the worst distance up to what is wanted, then the nearness to the classic colours. */
function score(labs) {
  let worst = Number.POSITIVE_INFINITY;
  for (let i = 0; i < labs.length; i++) {
    for (let j = i + 1; j < labs.length; j++) {
      for (let v = 0; v < VISIONS.length; v++) {
        const apart = distance(labs[i][v], labs[j][v]);
        if (apart < worst) worst = apart;
      }
    }
  }
  const classic = labs.reduce((sum, lab, index) => sum + distance(lab[0], CLASSIC_LABS[index]), 0);
  return Math.min(worst, WANTED) - classic * 0.01;
}
const CLASSIC_LABS = CLASSIC.map((color) => labOf(color));

function randomMember(family) {
  for (;;) {
    const color = hex([0, 0, 0].map(() => Math.floor(random() * 256)));
    if (fits(color, family)) return color;
  }
}

let best = null;
for (let restart = 0; restart < 8; restart++) {
  const colors = FAMILIES.map((family, index) => {
    if (family.fixed) return family.fixed;
    return fits(CLASSIC[index], family) ? CLASSIC[index] : randomMember(family);
  });
  const labs = colors.map(seenAs);
  let current = score(labs);
  for (let round = 0; round < rounds / 8; round++) {
    const heat = 1 - round / (rounds / 8);
    const place = 1 + Math.floor(random() * 9);
    const reach = 2 + Math.floor(60 * heat);
    const moved = hex(
      rgbOf(colors[place]).map((part) =>
        Math.max(0, Math.min(255, part + Math.round((random() * 2 - 1) * reach))),
      ),
    );
    if (!fits(moved, FAMILIES[place])) continue;
    const [oldColor, oldLab] = [colors[place], labs[place]];
    colors[place] = moved;
    labs[place] = seenAs(moved);
    const next = score(labs);
    if (next >= current || random() < Math.exp((next - current) / (0.02 + 2 * heat * heat))) current = next;
    else [colors[place], labs[place]] = [oldColor, oldLab];
    if (best === null || current > best.score) best = { score: current, colors: [...colors] };
  }
  console.error(`restart ${restart}: best score so far ${best.score.toFixed(2)}`);
}

for (const [index, color] of best.colors.entries()) {
  console.log(`    "${color}", // ${index} ${FAMILIES[index].name}`);
}
for (const vision of VISIONS) {
  const { distance: apart, pair } = closestPair(best.colors, vision);
  console.log(`// ${vision}: ${apart.toFixed(1)} (${pair.join("/")})`);
}
