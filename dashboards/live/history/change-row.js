import { element } from '../app/dom.js'
import { episodeHref, sourceHref } from '../episodes/words.js'
import { changeWords } from './change-words.js'
import { moments } from './moments.js'

/** A line of the history of changes. */
export function changeRow(event, nameOf) {
  const { time, source, name, text, tone, episode } = changeWords(event, nameOf)
  return element(
    'li',
    { class: 'change', 'data-type': event.type, 'data-seq': event.seq },
    element('time', { datetime: moments.iso(time), title: moments.full(time) }, moments.short(time)),
    element('span', { class: 'change-name', 'data-tone': tone }, name),
    element('span', { class: 'change-source' }, source ? element('a', { href: sourceHref(source) }, source) : 'all'),
    element(
      'span',
      { class: 'change-text' },
      text,
      event.times > 1 && element('span', { class: 'muted' }, ` (the last of ${event.times} updates)`),
      ' ',
      episode && element('a', { href: episodeHref(episode) }, 'Episode'),
    ),
  )
}
