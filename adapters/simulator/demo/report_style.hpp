// The style sheet of the report: one accent colour, light and dark.
#pragma once

namespace cupel::simulator {

inline constexpr const char* kReportStyle = R"css(
:root{--bg:#fdfcfa;--ink:#1e1d1b;--mute:#6d6a64;--rule:#e5e1d9;--grid:#efece6;--accent:#b4690e;
--soft:#d9a35c;--grey:#7b8087;--faint:#b9bcc1;--good:#3d7a4e;--bad:#b3362b}
@media(prefers-color-scheme:dark){:root{--bg:#181715;--ink:#ece8e1;--mute:#9d978d;--rule:#37342f;
--grid:#26241f;--accent:#f0a13a;--soft:#a87637;--grey:#a2a6ad;--faint:#5e6167;--good:#7fc493;--bad:#ef8177}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:17px/1.55 ui-sans-serif,system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif}
main{max-width:47rem;margin:0 auto;padding:3.5rem 1.25rem 5rem}
h1{font-size:2.1rem;line-height:1.15;letter-spacing:-.02em;margin:.2rem 0 .8rem}
h2{font-size:1.2rem;letter-spacing:-.01em;margin:3rem 0 .9rem}
h3{font-size:1rem;margin:0 0 .3rem}
p{margin:.5rem 0}
.over{color:var(--accent);font-weight:600;font-size:.85rem;letter-spacing:.06em;text-transform:uppercase;margin:0}
.lead{color:var(--mute);font-size:1.1rem;max-width:38rem}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1.2rem;
margin:2rem 0 0;padding:1.2rem 0;border-top:1px solid var(--rule);border-bottom:1px solid var(--rule)}
.numbers b{display:block;font-size:2rem;line-height:1.1;font-weight:600;font-variant-numeric:tabular-nums}
.numbers div:first-child b{color:var(--accent)}
.numbers span{color:var(--mute);font-size:.85rem;line-height:1.35;display:block;margin-top:.3rem}
figure{margin:0}
svg{display:block;width:100%;height:auto;overflow:visible}
figcaption,.caption{color:var(--mute);font-size:.86rem;line-height:1.5;margin:.5rem 0 0}
.grid{stroke:var(--grid);stroke-width:1}
.tick{fill:var(--mute);font-size:12px;font-variant-numeric:tabular-nums}
.axis{fill:var(--mute);font-size:12px}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.line.accent{stroke:var(--accent);stroke-width:2.8}.line.thin{stroke-width:1.4}
.line.soft{stroke:var(--soft)}.line.grey{stroke:var(--grey)}.line.faint{stroke:var(--faint);stroke-dasharray:5 4}
.band{stroke:none;opacity:.2}.band.soft{fill:var(--soft)}.band.grey{fill:var(--grey)}.band.faint{fill:var(--faint)}
.label{font-size:13px;font-weight:600}.label.accent{fill:var(--accent)}.label.soft{fill:var(--soft)}
.label.grey{fill:var(--grey)}.label.faint{fill:var(--mute)}
.dot.accent{fill:var(--accent);opacity:.85}
.l1{--c:var(--accent);--o:1}.l2{--c:var(--accent);--o:.6}.l3{--c:var(--accent);--o:.35}
.l4{--c:var(--grey);--o:.75}.l5{--c:var(--grey);--o:.4}.l6{--c:var(--faint);--o:.35}
.layer{fill:var(--c);opacity:var(--o)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.82rem;color:var(--mute);margin:.2rem 0 0}
.legend i{display:inline-block;width:.75rem;height:.75rem;border-radius:2px;background:var(--c);
opacity:var(--o);margin-right:.4rem;vertical-align:-.05rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
th{text-align:left;color:var(--mute);font-weight:500;border-bottom:1px solid var(--rule);padding:.3rem .8rem .3rem 0}
td{vertical-align:top;border-bottom:1px solid var(--grid);padding:.4rem .8rem .4rem 0;overflow-wrap:anywhere}
.pair td:nth-child(2){min-width:6.2em}.pair td:last-child{width:50%}
td:first-child,td.yes,td.no{white-space:nowrap}
td:nth-child(2){min-width:9rem}
td.n{white-space:nowrap}
small{line-height:1.4;display:inline-block}
@media(min-width:64rem){.wide{margin-inline:-7rem}}
.all{min-width:52rem}.all td{min-width:3rem}.all td:nth-child(2),.all td:nth-child(5),.all td:nth-child(6){min-width:11rem}
details summary{cursor:pointer;color:var(--mute);margin:0 0 .8rem}
sub{font-size:.72em;line-height:0}
small{color:var(--mute);font-size:.85em}
a{color:inherit;text-decoration-color:var(--soft);text-underline-offset:.15em}
.bars{display:grid;grid-template-columns:max-content 1fr max-content;gap:.35rem .9rem;align-items:center;font-size:.92rem}
.bars i{display:block;height:.95rem;background:var(--faint);border-radius:2px;min-width:2px}
.bars i.accent{background:var(--accent)}
.bars b{font-weight:600;font-variant-numeric:tabular-nums}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:1.8rem}
.pair p{font-size:.9rem}
.open{color:var(--mute)}.yes{color:var(--good)}.no{color:var(--bad);font-weight:600}
.checks{list-style:none;padding:0;margin:0;font-size:.94rem}
.checks li{padding:.22rem 0 .22rem 1.7rem;position:relative}
.checks li:before{position:absolute;left:.1rem;font-weight:700}
.met:before{content:"✓";color:var(--good)}.unmet:before{content:"✗";color:var(--bad)}
pre{background:var(--grid);padding:.9rem 1.1rem;border-radius:6px;overflow-x:auto;font-size:.84rem;line-height:1.6}
@media print{main{padding-top:0}}
)css";

}  // namespace cupel::simulator
