/** Of report.html, in light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --page: #f6f6f4; --card: #fff; --ink: #1d1f21; --soft: #63686e; --rule: #e2e2de;
  --c1: #1668b8; --c2: #d1622b; --c3: #8a9097; --warn: #9a6200; --mark: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --page: #131517; --card: #1c1f22; --ink: #e7e8e9; --soft: #9ba1a8; --rule: #31363b;
  --c1: #6cb2f7; --c2: #f39a66; --c3: #7f868d; --warn: #e8b65a; --mark: #ff8a80; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 26px; margin: 0 } h2 { font-size: 18px; margin: 0 0 12px }
header p, .note { color: var(--soft); margin: 4px 0 0 }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 20px; margin-top: 20px }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 14px 20px; margin: 0 }
dt { color: var(--soft); font-size: 13px } dd { margin: 0; font-size: 17px; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
.plot { display: grid; grid-template-columns: auto auto minmax(0, 1fr); padding: 8px 16px 0 0; color: var(--soft); font-size: 12px;
  line-height: 16px; font-variant-numeric: tabular-nums }
.y-label { writing-mode: vertical-rl; transform: rotate(180deg); text-align: center }
.y-ticks { position: relative; margin: 0 6px } .y-ticks span { position: absolute; right: 0; transform: translateY(50%) }
.x-ticks { grid-column: 3; position: relative; height: 20px }
.x-ticks span { position: absolute; top: 3px; transform: translateX(-50%) }
.x-label { grid-column: 3; text-align: center }
.area { position: relative; border: 0 solid var(--soft); border-width: 0 0 1px 1px }
.chart { height: 220px } .wave, .map { height: 180px }
.area svg, .area img { position: absolute; inset: 0; width: 100%; height: 100% }
.line, .grid, .mark { vector-effect: non-scaling-stroke }
.line { fill: none; stroke-width: 2; stroke: currentColor; stroke-linejoin: round; stroke-linecap: round }
.thin { stroke-width: 1 } .dot { stroke-width: 6 } .bar { fill: currentColor; opacity: .75 }
.scale { display: flex; align-items: center; gap: 8px; margin-top: 6px; color: var(--soft); font-size: 12px }
.scale i { flex: 1; height: 8px; border-radius: 2px }
.c1 { color: var(--c1) } .c2 { color: var(--c2) } .c3 { color: var(--c3) }
.grid { stroke: var(--rule) } .mark { stroke: var(--mark); stroke-width: 1.5 } .m1 { stroke-dasharray: 6 4 } .m2 { stroke-dasharray: 2 3 }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 6px 0 0; font-size: 13px } .legend span::before { content: '■ ' }
.legend .mark-key { color: var(--mark) } .legend .mark-key::before { content: ''; display: inline-block; width: 24px;
  margin-right: 6px; vertical-align: middle; border-top: 2px dashed } .legend .m2::before { border-top-style: dotted }
.example { margin-top: 18px; padding-top: 14px; border-top: 1px solid var(--rule) }
.example h3 { font-size: 14px; font-weight: 500; margin: 0 0 8px; overflow-wrap: anywhere }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 250px), 1fr)); gap: 20px 14px }
figure { margin: 0; min-width: 0 } figcaption { font-size: 13px } img { image-rendering: pixelated }
table { border-collapse: collapse; width: 100%; font-size: 14px } td, th { text-align: left; padding: 4px 12px 4px 0; overflow-wrap: anywhere }
th { color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--rule) }
.warning { color: var(--warn) }
@media (max-width: 480px) { main { padding: 20px 10px 40px } section { padding: 16px 12px } }
`
