import { element } from '../app/dom.js'
import { number, percent } from '../app/format.js'

/** What contributes most to the residual, as bars: how much of it, and by how much it is more or less than expected. */
export function contributorList(contributors, unit) {
  return element(
    'ul',
    { class: 'contributors' },
    ...contributors.map(({ label, share, difference }) => {
      const bar = element('i', { class: 'contributor-bar', 'data-sign': difference < 0 ? 'less' : 'more' })
      bar.style.width = `${Math.min(100, share * 100)}%`
      return element(
        'li',
        {},
        element('span', { class: 'contributor-label' }, label),
        element('span', { class: 'contributor-track', 'aria-hidden': 'true' }, bar),
        element('b', {}, percent(Number(share.toPrecision(2)))),
        element('span', { class: 'contributor-difference' }, differenceText(difference, unit)),
      )
    }),
  )
}

function differenceText(difference, unit) {
  const amount = `${number(Math.abs(difference))} ${unit}`.trim()
  if (difference === 0) return 'as much as expected on average'
  return difference > 0 ? `${amount} more than expected` : `${amount} less than expected`
}
