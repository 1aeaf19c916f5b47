import { times } from '../app/format.js'

const GONE = { ended: 'ended', handed_over: 'handed over', stopped: 'stopped', waiting: 'waiting' }
const CONDITIONS = {
  down: 'down',
  silence: 'silent',
  flat_line: 'flat line',
  clipping: 'clipping',
  wrong_rate: 'wrong rate',
}
const WAYS = { up: 'up', down: 'down' }

/** In the order of how much they want to be looked at. */
export const KINDS = ['episode', 'down', 'trouble', 'anomalous', 'muted', 'drift', 'normal', 'waiting', 'ended']

/**
 * How a source is, in a word: `{ kind, text }`.
 * @param source of the state
 * @param episode its open episode, if there is one
 */
export function stateOf({ info, last }, episode) {
  if (episode && !episode.muted) return { kind: 'episode', text: 'episode open' }
  if (info?.state === 'down' || info?.state === 'failed') return { kind: 'down', text: info.state }
  if (Object.keys(info?.conditions ?? {}).length > 0) return { kind: 'trouble', text: troublesOf(info)[0].text }
  if (episode) return { kind: 'muted', text: 'muted episode' }
  if (info && GONE[info.state]) return { kind: info.state === 'waiting' ? 'waiting' : 'ended', text: GONE[info.state] }
  if (last?.anomalous) return { kind: 'anomalous', text: 'above threshold' }
  if (driftsOf(info).length > 0) return { kind: 'drift', text: 'drifting' }
  return last ? { kind: 'normal', text: 'normal' } : { kind: 'waiting', text: 'no window yet' }
}

/** Troubles of the feed itself: `{ name, text, message }`. */
export const troublesOf = info =>
  Object.entries(info?.conditions ?? {}).map(([name, message]) => ({ name, text: CONDITIONS[name] ?? name, message }))

/** Which kinds of drift are on, in words. */
export const driftsOf = info =>
  Object.entries(info?.drift?.drifting ?? {}).map(([kind, way]) => `${kind} ${WAYS[way] ?? way}`)

/** Latest score as a multiple of the threshold; undefined before the first. */
export const ratioOf = ({ last }) => (last ? last.score / last.threshold : undefined)

/** Marks of a row: troubles, drift, mute. `{ kind, text, title }` */
export function marksOf({ info }, episode) {
  const marks = troublesOf(info).map(({ text, message }) => ({ kind: 'bad', text, title: message }))
  const drifts = driftsOf(info)
  if (drifts.length > 0) marks.push({ kind: 'warn', text: 'drift', title: drifts.join(', ') })
  const { factor = 1 } = info?.drift ?? {}
  if (factor !== 1) {
    marks.push({ kind: 'warn', text: 'new level', title: `A level ${times(factor)} the old one was taken as normal` })
  }
  if (episode?.muted) marks.push({ kind: 'plain', text: 'muted', title: 'The open episode is muted' })
  return marks
}

/** Open episodes by source; of several the one that is not muted. */
export function openBySource(state) {
  const open = new Map()
  for (const episode of state.openEpisodes()) {
    if (!open.has(episode.source) || !episode.muted) open.set(episode.source, episode)
  }
  return open
}
