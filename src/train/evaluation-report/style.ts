/** Of evaluation reports, besides that of all. Colours of groups are `g1` to `g10`; `g0` is grey, for the rest. */
export const EVALUATION_STYLE = `
:root { --g0: #8a9097; --g1: #1668b8; --g2: #d1622b; --g3: #2a8a55; --g4: #8b45b5; --g5: #a97c0c; --g6: #0d8797; --g7: #c22f78;
  --g8: #6d5a48; --g9: #4d62cf; --g10: #6c8a12 }
@media (prefers-color-scheme: dark) { :root { --g0: #7f868d; --g1: #6cb2f7; --g2: #f39a66; --g3: #63c98f; --g4: #c79cf0; --g5: #e3c25c;
  --g6: #56cbdc; --g7: #f28abf; --g8: #c0a78c; --g9: #9fadf9; --g10: #b7d65a } }
${Array.from({ length: 11 }, (_, i) => `.g${i} { color: var(--g${i}) }`).join(' ')}
h3 { font-size: 15px; font-weight: 600; margin: 20px 0 6px } h2 + h3 { margin-top: 0 }
.strip { display: grid; grid-template-columns: minmax(70px, 150px) minmax(0, 1fr) 56px; gap: 10px; align-items: end; margin-top: 6px }
.strip b { font-weight: 500; font-size: 13px; text-align: right; overflow-wrap: anywhere; line-height: 1.25 }
.strip .n { font-size: 12px; color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap }
.strip .area { height: 44px; border-width: 0 0 1px } .strip .x-ticks, .strip .x-label { grid-column: 2; color: var(--soft); font-size: 12px }
.strip .bar { opacity: 1 }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 24px }
.pair > div { min-width: 0 } .pair > div:only-child { max-width: 560px } .pair h3 { margin-top: 0 } .pair + .note + .pair { margin-top: 24px }
.square { height: auto; aspect-ratio: 1 } .points { fill: none; stroke: currentColor; stroke-width: 5; stroke-linecap: round;
  vector-effect: non-scaling-stroke; opacity: .7 }
.roc { max-width: 440px } .diagonal { stroke: var(--g0); stroke-width: 1; stroke-dasharray: 3 4; vector-effect: non-scaling-stroke }
.share { grid-template-columns: minmax(70px, 150px) minmax(0, 1fr) minmax(0, 1fr); align-items: center; margin-top: 10px }
.share .n { white-space: normal } .share strong { display: block; color: var(--ink); font-size: 14px; font-weight: 500 }
.interval { position: relative; height: 18px; background: linear-gradient(var(--rule), var(--rule)) 0 50% / 100% 1px no-repeat;
  border: 0 solid var(--rule); border-width: 0 1px }
.interval i { position: absolute; top: 6px; height: 6px; border-radius: 3px; background: currentColor; opacity: .45 }
.interval u { position: absolute; top: 2px; width: 3px; height: 14px; margin-left: -1.5px; border-radius: 1px; background: currentColor }
td, th { padding-right: 14px; font-variant-numeric: tabular-nums } td:first-child, th { white-space: nowrap }
.turntable canvas { display: block; width: 100%; height: min(70vw, 520px); touch-action: none; cursor: grab; border-radius: 6px }
.turntable canvas:active { cursor: grabbing } .turntable canvas:focus-visible { outline: 2px solid var(--c1) }
.keys { display: flex; flex-wrap: wrap; gap: 4px 10px; margin: 8px 0 0 } .keys button { font: inherit; font-size: 13px; padding: 2px 8px;
  border: 1px solid var(--rule); border-radius: 6px; background: none; cursor: pointer } .keys button::before { content: '■ ' }
.keys [aria-pressed=false] { opacity: .5; text-decoration: line-through }
.confusion { width: auto; border-collapse: separate; border-spacing: 1px } .confusion td, .confusion th { padding: 4px 6px; border: 0 }
.confusion tbody td { min-width: 34px; text-align: center; line-height: 1.15; background: color-mix(in srgb, var(--tone, var(--g0)) calc(8% + var(--part, 0%) * .4), transparent) }
.confusion .right { --tone: var(--g1) } .confusion .wrong { --tone: var(--g2) } .confusion small { display: block; font-size: 10px; white-space: nowrap }
.confusion tbody th { position: sticky; left: 0; max-width: 220px; overflow: hidden; text-overflow: ellipsis; text-align: right; background: var(--card) }
.confusion thead th { text-align: center; vertical-align: bottom } .confusion thead span { display: inline-block; max-width: 120px; overflow: hidden; text-overflow: ellipsis }
.upright thead span { writing-mode: vertical-rl; transform: rotate(180deg); max-width: none; max-height: 160px }
.wide + .note, .wide + .wide { margin-top: 12px } .confusion .none { color: var(--soft) }
section, .wide { overflow-x: auto } .wide td { overflow-wrap: normal }
@media (max-width: 480px) { .strip { grid-template-columns: minmax(44px, 76px) minmax(0, 1fr) 34px; gap: 8px }
  .wide td:first-child { white-space: normal; min-width: 104px; overflow-wrap: anywhere } .confusion tbody th { max-width: 104px }
  .share { grid-template-columns: minmax(44px, 76px) minmax(0, 1fr) } .share .n { grid-column: 2 } }
`
