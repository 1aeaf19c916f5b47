import type { GroupFraction } from '../evaluation/fractions.ts'
import { axisOf, formatNumber, linearScale } from '../report/axis.ts'
import { escapeHtml } from '../report/html.ts'
import { note } from '../report/page.ts'

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`

/** The anomalous share of each set with its interval, over 0 to 1. */
export function intervals(fractions: readonly GroupFraction[]): string {
  const [{ fpr, threshold, normal, confidence }] = fractions
  const ticks = axisOf('', linearScale(0, 1, 0, 1)).ticks.map(
    ({ at, text }) => `<span style="left:${css(at)}">${text}</span>`,
  )
  const foot = `<div class="strip share"><div class="x-ticks">${ticks.join('')}</div></div>`
  return (
    fractions.map(row).join('') +
    foot +
    note(
      `Counted above the score ${formatNumber(threshold)}, where ${percent(fpr)} of ${normal} normal items lie, and corrected for them. ` +
        `Intervals are of ${Math.round(100 * confidence)} %. Anomalous items that score like normal ones are not seen: the share is then ` +
        'a lower bound. Counted at the median of the normal scores fewer of them hide, and the interval is wider.',
    )
  )
}

function row({ group, estimate, low, high, mixture, unlabelled, share }: GroupFraction): string {
  const name = escapeHtml(group ?? 'unlabelled')
  const figures = `${percent(estimate)} (${percent(low)} to ${percent(high)})`
  const more = `of ${unlabelled}, ${percent(share)} above; at the median ${percent(mixture.estimate)} (${percent(mixture.low)} to ${percent(mixture.high)})`
  return (
    `<div class="strip share"><b>${name}</b><div class="interval g1" role="img" aria-label="${name}: ${figures}">` +
    `<i style="left:${css(low)};width:${css(high - low)}"></i><u style="left:${css(estimate)}"></u></div>` +
    `<span class="n"><strong>${figures}</strong> ${more}</span></div>`
  )
}

const css = (fraction: number): string => `${(100 * fraction).toFixed(2)}%`
