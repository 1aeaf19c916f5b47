import { escapeHtml } from './html.ts'
import { STYLE } from './style.ts'

/** One HTML file that needs nothing else: no scripts, no external resources. @param style besides that of all reports */
export function page(title: string, subtitle: string, sections: readonly string[], style = ''): string {
  const [kind] = subtitle.split(',', 1)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – ${escapeHtml(kind.toLowerCase())}</title><style>${STYLE}${style}</style></head>
<body><main><header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(subtitle)}</p></header>
${sections.join('\n')}
</main></body></html>
`
}

export const section = (title: string, content: string): string =>
  `<section>${title ? `<h2>${escapeHtml(title)}</h2>` : ''}${content}</section>`

export const note = (text: string): string => `<p class="note">${escapeHtml(text)}</p>`

/** The figures at the top: labels and values. */
export const figures = (rows: readonly (readonly [string, string])[]): string =>
  section(
    '',
    `<dl>${rows.map(([key, value]) => `<div><dt>${escapeHtml(key)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>`,
  )
