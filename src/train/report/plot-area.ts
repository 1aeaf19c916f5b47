import type { Axis } from './axis.ts'
import { escapeHtml } from './html.ts'

export interface PlotArea {
  x: Axis
  y: Axis
  /** What is drawn, as wide and high as the area. */
  content: string
  /** Says what it is to those who do not see it. */
  label: string
  /** CSS class of the area, and what else its style sets. */
  className: string
  style?: string
}

/**
 * A picture with marked axes. What is written is HTML around the picture and not a part of it, so that it keeps its size where the
 * picture shrinks.
 */
export function plotArea({ x, y, content, label, className, style = '' }: PlotArea): string {
  const widest = Math.max(1, ...y.ticks.map(({ text }) => text.length))
  const marks = ({ ticks }: Axis, side: 'left' | 'bottom') =>
    ticks.map(({ at, text }) => `<span style="${side}:${percent(at)}">${escapeHtml(text)}</span>`).join('')
  return (
    `<div class="plot" role="img" aria-label="${escapeHtml(label)}">` +
    `<div class="y-label">${escapeHtml(y.label)}</div>` +
    `<div class="y-ticks" style="width:${widest}ch">${marks(y, 'bottom')}</div>` +
    `<div class="area ${className}" style="${style}">${content}</div>` +
    `<div class="x-ticks">${marks(x, 'left')}</div>` +
    `<div class="x-label">${escapeHtml(x.label)}</div></div>`
  )
}

/** Side of the coordinates of drawings: x to the right, y downwards, from 0. */
export const SIDE = 1000

/** Lines and bars in SIDE × SIDE coordinates, stretched to the area. */
export const drawing = (content: string): string =>
  `<svg viewBox="0 0 ${SIDE} ${SIDE}" preserveAspectRatio="none" aria-hidden="true">${content}</svg>`

/** A line across the area at each mark of the y axis. */
export const gridLines = ({ ticks }: Axis): string =>
  ticks
    .map(({ at }) => (SIDE * (1 - at)).toFixed(1))
    .map(y => `<line class="grid" x1="0" x2="${SIDE}" y1="${y}" y2="${y}"/>`)
    .join('')

const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)}%`
