/** The look of the report: one column, both colour schemes, a phone's width, paper. */
export const STYLE: string = `
:root{color-scheme:light dark;--ink:#1c2430;--page:#fff;--line:#d5dae1;--soft:#5a6675;--accent:#1f6feb}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--page:#14181f;--line:#343c48;--soft:#9aa5b4;--accent:#6ea8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
small,figcaption,footer{color:var(--soft)}
h3 small{font-weight:400;margin-left:.5rem}
.findings{padding-left:1.2rem}
.table{overflow-x:auto;margin:.6rem 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th[scope=row]{font-weight:600;white-space:nowrap}
.bar{height:.45rem;max-width:24rem;background:var(--line);border-radius:.2rem}
.bar span{display:block;height:100%;min-width:2px;background:var(--accent);border-radius:.2rem}
.charts{display:flex;flex-wrap:wrap;gap:1.2rem}
figure{margin:.6rem 0;width:min(100%,20rem)}
svg{width:100%;border:1px solid var(--line);border-radius:.3rem}
polyline{fill:none;stroke:var(--accent);stroke-width:1.5;vector-effect:non-scaling-stroke}
details{margin:.5rem 0}summary{cursor:pointer;color:var(--accent)}
img{max-width:100%;background:#fff;border-radius:.3rem}
@media print{details:not([open])>*{display:block}body{font-size:10pt}}
`.trim();
