/** Text made safe for HTML content and quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

/** A table of plain text cells. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map(cell => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`
  return `<table><thead>${row(header, 'th')}</thead><tbody>${rows.map(cells => row(cells, 'td')).join('')}</tbody></table>`
}

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
svg { display: block; width: 100%; height: auto }
svg.wave { height: 140px } .thin { vector-effect: non-scaling-stroke }
.line { fill: none; stroke-width: 2; stroke: currentColor; stroke-linejoin: round } .thin { stroke-width: 1 }
.dot { fill: currentColor } .bar { fill: currentColor; opacity: .75 }
.c1 { color: var(--c1) } .c2 { color: var(--c2) } .c3 { color: var(--c3) }
.grid { stroke: var(--rule) } .axis { stroke: var(--soft) } .mark { stroke: var(--mark); stroke-width: 1.5; stroke-dasharray: 5 4 }
.tick { fill: var(--soft); font-size: 12px } .label { fill: var(--mark); font-size: 12px }
.legend { margin: 6px 0 0; font-size: 13px } .legend span { margin-right: 18px } .legend span::before { content: '■ ' }
.example { margin-top: 18px; padding-top: 14px; border-top: 1px solid var(--rule) }
.example h3 { font-size: 14px; font-weight: 500; margin: 0 0 8px; overflow-wrap: anywhere }
.pictures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 14px }
figure { margin: 0 } figcaption { color: var(--soft); font-size: 13px; margin-top: 4px }
img { display: block; width: 100%; height: 200px; image-rendering: pixelated; border-radius: 4px }
img.square { height: auto; aspect-ratio: 1 }
table { border-collapse: collapse; width: 100%; font-size: 14px } td, th { text-align: left; padding: 4px 12px 4px 0; overflow-wrap: anywhere }
th { color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--rule) }
.warning { color: var(--warn) }
@media (max-width: 640px) { .pictures { grid-template-columns: 1fr } }
`
