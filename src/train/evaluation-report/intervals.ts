import type { GroupFraction } from '../evaluation/fractions.ts'
import { formatNumber } from '../report/axis.ts'
import { escapeHtml } from '../report/html.ts'
import { note } from '../report/page.ts'

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`

/** The anomalous share of each set with its interval. */
export function intervals(fractions: readonly GroupFraction[]): string {
  const head = ['Set', '0 to 100 %', 'Anomalous', 'At the median', 'Items', 'Above the threshold']
  const rows = fractions.map(({ group, estimate, low, high, mixture, unlabelled, share }) =>
    [
      escapeHtml(group ?? 'unlabelled'),
      `<div class="interval g1"><i style="left:${css(low)};width:${css(high - low)}"></i><u style="left:${css(estimate)}"></u></div>`,
      `${percent(estimate)} (${percent(low)} to ${percent(high)})`,
      `${percent(mixture.estimate)} (${percent(mixture.low)} to ${percent(mixture.high)})`,
      String(unlabelled),
      percent(share),
    ]
      .map((cell, i) => (i < 2 ? `<td>${cell}</td>` : `<td class="number">${cell}</td>`))
      .join(''),
  )
  const [{ fpr, threshold, normal, confidence }] = fractions
  return (
    `<table class="intervals"><thead><tr>${head.map(text => `<th>${text}</th>`).join('')}</tr></thead>` +
    `<tbody>${rows.map(row => `<tr>${row}</tr>`).join('')}</tbody></table>` +
    note(
      `Counted above the score ${formatNumber(threshold)}, where ${percent(fpr)} of ${normal} normal items lie, and corrected for them. ` +
        `Intervals are of ${Math.round(100 * confidence)} %. Anomalous items that score like normal ones are not seen: the share is then ` +
        'a lower bound. At the median fewer of them hide, and the interval is wider.',
    )
  )
}

const css = (fraction: number): string => `${(100 * fraction).toFixed(2)}%`
