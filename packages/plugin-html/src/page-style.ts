/**
 * The page's style sheet. Pictures have a ground of their own, so in the dark they stand on light cards; on paper
 * a step is not torn apart.
 */
export const PAGE_STYLE: string = `
:root{color-scheme:light dark;--page:#fff;--text:#1b222a;--muted:#566069;--border:#c9ced4;--card:#f3f5f7;--good:#0b6e3a;--bad:#b3261e;--link:#1f5fa8}
@media (prefers-color-scheme:dark){:root{--page:#14181c;--text:#e6e9ec;--muted:#a3adb6;--border:#3a434c;--card:#1e242a;--good:#5fd39a;--bad:#ff8a80;--link:#8ab8f0}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px;max-width:1320px;background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif}
h1{font-size:24px;margin:0 0 4px}
h2{font-size:19px;margin:36px 0 12px}
h3{font-size:16px;margin:0 0 8px}
p{margin:0 0 8px}
a{color:var(--link)}
.muted{color:var(--muted)}
.good{color:var(--good)}
.bad{color:var(--bad)}
.figures{display:flex;flex-wrap:wrap;gap:12px;margin:16px 0 0;padding:0;list-style:none}
.figures li{background:var(--card);border:1px solid var(--border);border-radius:6px;padding:8px 14px;min-width:130px}
.figures b{display:block;font-size:19px}
.picture{display:block;max-width:100%;height:auto;background:#fff;border:1px solid var(--border);border-radius:6px}
.links{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0;padding:0;list-style:none}
td img{display:block}
.table{overflow-x:auto}
@media (min-width:1100px){.table{overflow-x:visible}}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:4px 16px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--border);overflow-wrap:anywhere}
th,.number{white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
th.words{white-space:normal}
.words{min-width:8em}
.metrics{min-width:18em;font-size:13px;font-weight:400}
.metric{display:inline-block;max-width:100%;margin-right:12px}
th{position:sticky;top:0;background:var(--page)}
.number{text-align:right}
.number a{font-weight:600}
tr.key{font-weight:600}
article{margin:0 0 28px}
@page{margin:14mm}
@media print{
:root{color-scheme:light;--page:#fff;--text:#1b222a;--muted:#566069;--border:#c9ced4;--card:#f3f5f7;--good:#0b6e3a;--bad:#b3261e;--link:#1f5fa8}
body{max-width:none;padding:0;font-size:10pt}
h1{font-size:16pt}h2{font-size:13pt;margin:8mm 0 3mm}h3{font-size:11pt}
h2,h3{break-after:avoid}
article,tr,.figures{break-inside:avoid}
article{margin:0 0 7mm}
.picture{width:auto;max-height:225mm;border:0;border-radius:0}
table{font-size:8pt}
th,td{padding:1mm 3mm 1mm 0}
.words{min-width:20mm}
.metrics{min-width:45mm;font-size:inherit}
th{position:static}
.table{overflow:visible}
.figures li{padding:2mm 3mm;min-width:0}
.figures b{font-size:12pt}
a{color:inherit;text-decoration:none}
}
`.trim();
