import { element } from '../app/dom.js'
import { duration, moment, number, time, times } from '../app/format.js'
import { endingText, lasted, ordinal, placeText, relative, sourceHref } from './words.js'

/**
 * What happened, in plain words.
 * @param episode as in the API
 * @param {{ head: number, sampleRate: number | undefined, labels: object }} context `head`: how far its source has come, ms
 * @returns paragraphs
 */
export function storyOf(episode, { head, sampleRate, labels }) {
  const source = element('a', { href: sourceHref(episode.source) }, episode.source)
  const length = duration(lasted(episode, head))
  const since = moment(episode.opened_at)
  const was =
    episode.state === 'open'
      ? [source, ` has not been as usual since ${since}, for ${length} so far.`]
      : [source, ` was not as usual for ${length} from ${since} on; then ${endingText(episode.close_reason)}.`]
  return [
    element('p', { class: 'story-lead' }, ...was),
    element('p', {}, ...worst(episode)),
    element('p', {}, ...alike(episode, labels)),
    element('p', {}, `It began in ${placeText(episode, sampleRate)}.`),
  ]
}

function worst({ explanation, peak_score: peak, threshold }) {
  const score = `${number(peak)}, ${times(peak / threshold)} the threshold of ${number(threshold)}`
  if (!explanation) return [`Its worst window so far scored ${score}.`]
  return [
    `At its worst, at ${time(explanation.time)}, it scored ${score}: `,
    element('b', {}, explanation.summary),
    '.',
  ]
}

function alike({ cluster, state }, labels) {
  if (!cluster) {
    return [state === 'open' ? 'What it is like is not known yet.' : 'What it is like is not known.']
  }
  const name = element('b', {}, labels.name(cluster))
  if (cluster.first_at === undefined) return ['Nothing like it was there before: it is the first of ', name, '.']
  const first = `first ${moment(cluster.first_at)}, last before ${moment(cluster.last_at)}`
  return [`It is the ${ordinal(cluster.episodes)} of `, name, ` (${first}).`]
}

/** Who has seen it and what mutes it, as notes. */
export function notesOf({ acknowledged, muted }) {
  const notes = []
  if (acknowledged) {
    const { who, at, note } = acknowledged
    notes.push(
      element(
        'p',
        { class: 'note', 'data-note': 'seen' },
        element('b', {}, who),
        ` has seen it, ${relative(at)}`,
        note ? `: ${note}` : '.',
      ),
    )
  }
  if (muted) {
    const why =
      muted.reason === 'false_alarm' ? 'what is like a false alarm is muted' : 'its source or cluster is muted'
    notes.push(element('p', { class: 'note', 'data-note': 'muted' }, `It alerts nobody: ${why} (${muted.id}).`))
  }
  return notes
}
