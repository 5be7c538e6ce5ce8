import { FONT } from "@episcope/drawing";

const LIGHT =
  "--page:#fff;--text:#1b222a;--muted:#566069;--border:#c9ced4;--card:#f3f5f7;--good:#0b6e3a;--bad:#b3261e;--link:#1f5fa8";
const DARK =
  "--page:#14181c;--text:#e6e9ec;--muted:#a3adb6;--border:#3a434c;--card:#1e242a;--good:#5fd39a;--bad:#ff8a80;--link:#8ab8f0";

/** The style sheet of a page, with the colours of its pictures. On paper it is light, and no step is torn apart. */
export function pageStyle(light: string, dark: string): string {
  return `
:root{color-scheme:light dark;${LIGHT};${light}}
@media (prefers-color-scheme:dark){:root{${DARK};${dark}}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px;max-width:1320px;background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif}
h1{font-size:24px;margin:0 0 4px}
h2{font-size:19px;margin:36px 0 12px}
p{margin:0 0 8px}
a{color:var(--link)}
.muted{color:var(--muted)}
.good{color:var(--good)}
.bad{color:var(--bad)}
svg{font-family:${FONT.stack}}
.shared{position:absolute}
.figures{display:flex;flex-wrap:wrap;gap:12px;margin:16px 0 0;padding:0;list-style:none}
.figures li{background:var(--card);border:1px solid var(--border);border-radius:6px;padding:8px 14px;min-width:130px}
.figures b{display:block;font-size:19px}
.picture,.narrow{display:block;max-width:100%;height:auto}
.narrow{display:none;margin:0 auto}
.links{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0;padding:0;list-style:none}
.steps{border-bottom:1px solid var(--border)}
.step{border-top:1px solid var(--border);scroll-margin:12px}
.row{display:grid;grid-template-columns:48px 3.5em 15em 7em 7em minmax(0,1fr);gap:0 12px;align-items:center;padding:4px 8px;min-height:48px;font-variant-numeric:tabular-nums}
summary.row{cursor:pointer;list-style:none}
summary.row::-webkit-details-marker{display:none}
summary.row:hover,details[open]>summary.row{background:var(--card)}
summary:focus-visible{outline:2px solid var(--link);outline-offset:-2px}
.row>*{min-width:0;overflow-wrap:anywhere}
.key>.row{font-weight:600}
.row .number{text-align:right}
.row .thumb{justify-self:center;max-width:100%;height:auto}
.why{color:var(--muted);font-weight:400}
.head{color:var(--muted);min-height:0;font-size:13px}
.swatch{vertical-align:-1px;margin-right:6px}
.stage{padding:12px 8px 20px}
.panels{display:flex;flex-wrap:wrap;gap:16px 28px}
.panels figure{margin:0;max-width:100%}
.panels figcaption b{margin-right:8px}
.panels svg{display:block;max-width:100%;height:auto;margin:2px 0 2px -6px}
.facts{display:flex;flex-wrap:wrap;gap:4px 24px;margin:12px 0}
.facts div{display:flex;gap:8px}
.facts dt{color:var(--muted)}
.facts dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
.around{display:flex;gap:20px;margin-top:12px}
.folded>summary{cursor:pointer;color:var(--link);margin:16px 0 8px}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:4px 16px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--border)}
td.words{overflow-wrap:anywhere;min-width:8em}
th,.number{white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
.table .number{text-align:right}
tr.key{font-weight:600}
@media (max-width:700px){
body{padding:12px}
.picture{display:none}
.narrow{display:block}
.figures li{min-width:0;padding:6px 10px}
.row{grid-template-columns:44px 2.4em minmax(0,1fr) auto auto;font-size:14px;gap:0 8px;padding:4px}
.row .why{grid-column:3/-1}
.head .why{display:none}
.panels{flex-direction:column}
}
@page{margin:14mm}
@media print{
:root{color-scheme:light;${LIGHT};${light}}
body{max-width:none;padding:0;font-size:10pt}
h1{font-size:16pt}h2{font-size:13pt;margin:8mm 0 3mm}
h2{break-after:avoid}
.step,tr,.figures{break-inside:avoid}
.picture{display:block;max-height:225mm}
.narrow,.around{display:none}
.row{min-height:0;padding:1mm 0;grid-template-columns:12mm 10mm 2fr 1fr 1fr 3fr}
.panels{flex-direction:row;gap:4mm;flex-wrap:nowrap}
.panels figure{flex:0 1 auto;font-size:8pt}
.panels svg{max-height:60mm;width:auto}
.stage{padding:1mm 0 4mm}
table{font-size:8pt}
th,td{padding:1mm 3mm 1mm 0}
.table{overflow:visible}
.figures li{padding:2mm 3mm;min-width:0}
.figures b{font-size:12pt}
a{color:inherit;text-decoration:none}
}
`.trim();
}
